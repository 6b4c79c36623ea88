"""Splits of interactions into training data and cases: held-out users, or the same users later."""
