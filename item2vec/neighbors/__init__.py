"""Nearest items by cosine: exact search, and approximate search with Annoy and HNSW indexes."""
