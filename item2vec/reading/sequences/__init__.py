"""Records that are sequences of items: lines, lists in cells, and objects."""
