"""Nearest items by cosine: exact search, and the Annoy and HNSW indexes."""
