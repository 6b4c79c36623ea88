"""The word2vec trainer: histories are sentences, and gensim learns the vectors."""
