"""Documents the parameters of trainers, baselines and protocols from their declarations.

Such a class declares each parameter once, with `item2vec.parameters.parameter`: name, type,
default, meaning and range. Its docstring does not repeat them, so they are added here.
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, get_type_hints

from docutils import nodes
from sphinx.application import Sphinx

from item2vec.parameters import Parameters, alternatives

LIMITS = {"at_least": "at least", "above": "above", "at_most": "at most"}
NEXT_SECTION = re.compile("Raises|Examples|Notes")


def declared(obj: object) -> list[dataclasses.Field[Any]]:
    """Return the fields of a class that were declared with `parameter`; none of other objects."""
    if not isinstance(obj, type) or not issubclass(obj, Parameters):
        return []
    return [field for field in dataclasses.fields(obj) if field.metadata.get("doc")]


def add_section(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Add a section "Parameters" to the docstring of a class that declares parameters."""
    fields = declared(obj)
    if not fields or "Parameters" in lines:
        return
    section = ["Parameters", "----------"]
    for field in fields:
        section += [
            f"{field.name} : {type_of(obj, field.name)}, default {field.default!r}",
            f"    {description(field.metadata)}",
        ]
    places = (place for place, line in enumerate(lines) if NEXT_SECTION.fullmatch(line))
    place = next(places, len(lines))
    lines[place:place] = ["", *section, ""]


def show_signature(
    app: Sphinx, what: str, name: str, obj: object, *rest: object
) -> tuple[str, None] | None:
    """Return a signature of the declared parameters alone, with their defaults."""
    fields = declared(obj)
    if not fields:
        return None
    return f"(*, {', '.join(f'{field.name}={field.default!r}' for field in fields)})", None


def type_of(obj: object, name: str) -> str:
    """Return the type of a parameter in words, such as ``int or 'auto'``."""
    kinds, words = alternatives(get_type_hints(obj)[name])
    return " or ".join([*(kind.__name__ for kind in kinds), *map(repr, words)])


def description(metadata: Mapping[str, Any]) -> str:
    """Return the meaning and the range of a parameter, as reStructuredText."""
    doc = re.sub(r"([\\*|_])", r"\\\1", metadata["doc"])
    limits = [
        f"{text} {_number(metadata[key])}"
        for key, text in LIMITS.items()
        if metadata[key] is not None
    ]
    allowed = f" Allowed: {', '.join(limits)}." if limits else ""
    return f"{doc[0].upper()}{doc[1:]}.{allowed}"


def _number(value: float) -> str:
    """Return a limit as a person writes it."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def use_dashes(app: Sphinx, doctree: nodes.document) -> None:
    """Replace the two hyphens that Sphinx puts between a parameter and its meaning by a dash."""
    for text in list(doctree.findall(nodes.Text)):
        if " -- " in text and not isinstance(text.parent, nodes.literal | nodes.literal_block):
            text.parent.replace(text, nodes.Text(text.replace(" -- ", " \N{EN DASH} ")))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension; parameters are added before napoleon formats a docstring."""
    app.connect("autodoc-process-docstring", add_section, priority=400)
    app.connect("autodoc-process-signature", show_signature)
    app.connect("doctree-read", use_dashes)
    return {"parallel_read_safe": True}
