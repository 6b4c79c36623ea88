"""The command line, which parses options, calls the library and prints results."""

from item2vec.cli.errors import OneLine
from item2vec.cli.main import main

__all__ = [
    "OneLine",
    "main",
]
