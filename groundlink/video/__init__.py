"""The receiving end of the video: decodes, measures, records. A process of its own."""
