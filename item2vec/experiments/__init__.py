"""Experiments with recommenders by name: training, comparison, and the tuning of parameters."""
