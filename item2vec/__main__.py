"""``python -m item2vec`` is the command line."""

from item2vec.cli import main

main(prog_name="item2vec")
