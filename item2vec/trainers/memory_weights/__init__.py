"""Weights of the item-item memory, for short and for long histories."""
