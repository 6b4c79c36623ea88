"""Times: the detection of their formats, and their parsing."""
