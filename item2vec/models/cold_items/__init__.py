"""Vectors of items without interactions, predicted from features of a catalogue."""
