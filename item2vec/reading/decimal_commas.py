"""Recognition of ratings with a decimal comma, such as 3,5."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import QueryError, quote_text
from item2vec.reading.table import unreadable
from item2vec.reading.tables import Tables

SAMPLE = 10_000  # ratings of each table that are examined
SHARE = 0.9  # of the ratings, to be numbers with a decimal comma or without decimals

_NUMBER = r"[+-]?\d+(,\d+)?"
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(,\d{3})+"  # 1,000 may have a thousands separator


def find_decimal_comma(tables: Tables, column: str) -> str | None:
    """Return an example of a rating with a decimal comma, if the ratings of a column have one.

    Ratings such as "1,000" alone are no evidence of it.
    """
    n = n_numbers = 0
    found: list[str] = []
    for table in tables.tables:
        if table.types[column] != "VARCHAR":
            continue
        value = sql_values.present(sql_values.text(column, "VARCHAR"))
        numbers, thousands = (
            f"regexp_full_match(trim(value), {quote_text(pattern)})"
            for pattern in (_NUMBER, _THOUSANDS)
        )
        is_decimal = f"{numbers} AND contains(value, ',') AND NOT {thousands}"
        try:
            ((n_present, n_fitting, example),) = tables.database.rows(
                f"SELECT count(*), count(*) FILTER ({numbers}), any_value(trim(value)) "
                f"FILTER ({is_decimal}) FROM (SELECT * FROM "
                f"(SELECT {value} AS value FROM ({table.relation})) WHERE value IS NOT NULL "
                f"LIMIT {SAMPLE})"
            )
        except QueryError as error:
            raise unreadable(table.name, error) from error
        n, n_numbers = n + n_present, n_numbers + n_fitting
        found += [example] if example is not None else []
    return found[0] if found and n_numbers >= SHARE * n else None
