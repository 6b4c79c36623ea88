"""Small helpers that know nothing of items: files, threads, checks, messages, top k."""
