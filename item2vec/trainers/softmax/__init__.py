"""The softmax trainer: a network with one embedding layer and a softmax over all items."""
