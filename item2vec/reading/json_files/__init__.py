"""JSON: its shapes, and their conversion to records."""
