"""What can go wrong. Every message names the value, the rule and the remedy."""


class Item2VecError(Exception):
    """Base of every error that this package raises on purpose."""


class DataError(Item2VecError, ValueError):
    """A file, a frame or a stored model is not what it should be."""


class TooLargeError(DataError):
    """A method would need more memory than it may take."""


class MissingExtraError(DataError):
    """A method needs a library that is not installed."""


class ParameterError(Item2VecError, ValueError):
    """A parameter is outside its range, or does not go with another one."""


class UnknownItemError(Item2VecError, KeyError):
    """An item was asked for that the model does not hold."""

    def __str__(self) -> str:
        # KeyError would print the message in quotes, as if it were a key.
        return str(self.args[0]) if self.args else ""
