"""Look-ups in a model: similar items, recommendations, filters, and many users at once."""
