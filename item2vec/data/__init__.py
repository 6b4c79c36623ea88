"""Interactions, histories, ratings and catalogues as values in memory, and data sets to try."""
