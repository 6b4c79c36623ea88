"""Helpers of the tests of tables."""

import gzip

import duckdb
from reading_helpers import write

from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.internal_columns import MALFORMED
from item2vec.reading.tables import open_tables

ROWS = [("1", "007", "3"), ("1", "NA", "1"), ("é", 'a "b", c', "2")]


CSV = 'user,item,time\n1,007,3\n1,NA,1\né,"a ""b"", c",2\n'


def rows_of(source, text=None):
    """All values of all records that are not malformed, as text, and the columns."""
    with open_tables(source, text) as tables:
        columns = ", ".join(map(quote_name, tables.first.columns))
        rows = [
            tuple(None if value is None else str(value) for value in row)
            for table in tables.tables
            for row in tables.database.rows(
                f'SELECT {columns} FROM ({table.relation}) WHERE NOT "{MALFORMED}"'
            )
        ]
        return rows, tables.first.columns


def zipped(data):
    """A gzip file without a time, so that a test has the same name in every process."""
    return gzip.compress(data, mtime=0)


def zstd(path, text):
    """A zstd file, which only DuckDB can write here."""
    plain = write(path.with_suffix(".plain"), text)
    duckdb.execute(
        f"COPY (SELECT * FROM read_csv('{plain}', header=false, delim='\x01', quote='', escape='', "
        f"columns={{'line': 'VARCHAR'}})) TO '{path}' "
        "(FORMAT csv, HEADER false, COMPRESSION zstd, DELIMITER '\x01', QUOTE '', ESCAPE '')"
    )
    return path
