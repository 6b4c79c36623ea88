"""SQL conditions on records: their check, and explanations of what is wrong."""
