"""Stages after training: weights that are selected on validation users."""
