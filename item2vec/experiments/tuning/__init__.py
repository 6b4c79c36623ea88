"""Search for parameters on validation users, with optuna."""
