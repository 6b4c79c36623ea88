"""Stages after training: the weight of the bias, the item-item memory, and the recency.

Each is selected on validation users, with vectors that were trained without them.
"""
