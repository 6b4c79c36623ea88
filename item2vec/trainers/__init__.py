"""Trainers: word2vec and softmax learn item vectors from histories, matrix factorization ratings.

`base.EpochTrainer.fit` is the place to start reading.
"""
