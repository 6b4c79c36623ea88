"""Splits, metrics, intervals, and the evaluation of recommenders on held-out interactions."""
