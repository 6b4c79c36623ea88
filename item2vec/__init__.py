"""Item vectors from interaction histories: train, evaluate, look up."""
