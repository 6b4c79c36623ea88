"""Kinds of columns in SQL conditions."""

import re

TEXT, NUMBER, TIME, BOOLEAN = "text", "a number", "a time", "true or false"

_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DOUBLE|FLOAT|DECIMAL.*")


def kind_of(sql_type: str) -> str:
    """Return the kind of a column of an SQL type, or the type itself if it is another one."""
    if _NUMBERS.fullmatch(sql_type):
        return NUMBER
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return TIME
    return {"VARCHAR": TEXT, "JSON": TEXT, "BOOLEAN": BOOLEAN}.get(sql_type, sql_type)
