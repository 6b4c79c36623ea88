"""The error for an SQL condition that can't be used."""

from item2vec._support.messages import either, setting, shown
from item2vec.errors import ParameterError
from item2vec.reading.conditions.syntax import Explanation

_EXAMPLE = 'give an SQL condition on the columns, such as "Quantity > 0"'


class ConditionError(ParameterError):
    """An SQL condition can't be used.

    Parameters
    ----------
    where : str
        The condition.
    explanation : Explanation
    """

    def __init__(self, where: str, explanation: Explanation) -> None:
        super().__init__(condition_message("where", where, explanation, _EXAMPLE))
        self.where = where
        self.explanation = explanation


def condition_message(name: str, where: str, explanation: Explanation, example: str) -> str:
    """Return the message for a condition that can't be used.

    Parameters
    ----------
    name : str
        The name of the argument, such as ``where``.
    where : str
        The condition.
    explanation : Explanation
    example : str
        The remedy if no other one is known.
    """
    option = name.replace("_", "-")
    written = f"{either(f'--{option} ', f'{name}=')}{shown(where)}"
    remedy = explanation.remedy or example
    if explanation.corrected is not None:
        remedy = f"write {setting(name, explanation.corrected)}"
    elif explanation.choices:
        choices = [f"{setting(name, each)} {case}" for case, each in explanation.choices]
        remedy = f"write {', or '.join(choices)}"
    return f"{written} can't be used: {explanation.why}: {remedy}"
