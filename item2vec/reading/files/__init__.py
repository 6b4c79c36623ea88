"""Files: finding, recognizing and preparing them."""
