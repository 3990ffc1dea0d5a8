"""Cameras behind one seam: the drawn world, a video file, H.264 over RTP, a V4L2 device, and a fake."""
