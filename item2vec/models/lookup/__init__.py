"""Questions to a model: similar items, recommendations, filters, many users at once."""
