"""Look-ups in a model: similar items, recommendations, item filters, and bulk look-ups."""
