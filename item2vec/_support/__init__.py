"""Domain-independent helpers: files, threads, argument checks, messages and top-k selection."""
