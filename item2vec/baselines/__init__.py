"""Baselines to compare models with: popularity, chance, item k-NN, EASE, iALS, plain gensim."""
