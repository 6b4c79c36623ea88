"""The item-item memory: sparse weights between items, which are added to a model's scores."""
