"""The command line: parse, call, print."""

from item2vec.cli.errors import OneLine
from item2vec.cli.main import main

__all__ = [
    "OneLine",
    "main",
]
