"""The word2vec trainer: histories are sentences, and gensim trains the vectors."""
