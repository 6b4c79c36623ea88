"""What every model must be held against: popularity, item k-NN, EASE, and chance."""
