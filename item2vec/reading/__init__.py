"""How files and frames become interactions and catalogues. All of DuckDB is in here."""
