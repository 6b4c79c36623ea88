"""The softmax trainer: the network of Google's machine-learning crash course."""
