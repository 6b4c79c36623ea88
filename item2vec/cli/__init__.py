"""The command line: parse, call, print."""

from item2vec.cli.main import main

__all__ = ["main"]
