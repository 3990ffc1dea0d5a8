"""Cameras behind one seam: the drawn world, a video file, a V4L2 device, and a fake."""
