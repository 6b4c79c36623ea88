"""Delimited text: its encoding, its format, and its records."""
