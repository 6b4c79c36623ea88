"""Matrix factorization of ratings, and the model that it learns."""
