"""Trained models: item vectors, what they are scored with, and the files that hold them."""
