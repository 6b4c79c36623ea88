"""Trainers: each turns histories into item vectors, ``fit(histories) -> ItemVectors``."""
