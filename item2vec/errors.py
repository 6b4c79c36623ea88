"""Exceptions of this package. Every message names the value, the rule and the remedy.

```text
Item2VecError
├── DataError (also a ValueError)
│   ├── TooFewInteractionsError
│   ├── TooLargeError
│   └── MissingExtraError
├── ParameterError (also a ValueError)
└── UnknownItemError (also a KeyError)
```
"""


class Item2VecError(Exception):
    """Base class of the exceptions that this package raises on purpose."""


class DataError(Item2VecError, ValueError):
    """A file, a DataFrame or a stored model can't be used as it is."""


class TooFewInteractionsError(DataError):
    """There are too few interactions, users or items left for what was requested."""


class TooLargeError(DataError):
    """A method would need more memory than its limit allows."""


class MissingExtraError(DataError):
    """A method needs an optional library that is not installed."""


class ParameterError(Item2VecError, ValueError):
    """A parameter is outside its range, or can't be combined with another one."""


class UnknownItemError(Item2VecError, KeyError):
    """An item was requested that is not in the model or the catalogue."""

    def __str__(self) -> str:
        # KeyError would print the message in quotes, as if it were a key.
        return str(self.args[0]) if self.args else ""
