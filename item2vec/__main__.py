"""``python -m item2vec`` is the command line."""

from item2vec.cli import main

if __name__ == "__main__":
    main(prog_name="item2vec")
