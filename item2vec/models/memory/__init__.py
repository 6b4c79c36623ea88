"""The item-item memory: sparse weights between items that are added to the scores of vectors."""
