"""Weights of the item-item memory, for short and for long histories.

The memory is a sparse matrix of weights between items, which adds to the scores of the vectors.
"""
