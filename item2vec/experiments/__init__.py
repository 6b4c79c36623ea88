"""Recommenders by name: training them, comparing them, and tuning their parameters."""
