"""Names of the columns that item2vec adds to tables; a source can't have columns of these names."""

PREFIX = "item2vec "

MALFORMED = PREFIX + "malformed"  # of all tables: whether a record is malformed
RECORD = PREFIX + "record"  # of tables of sequences: the number of the record, from 1
LINE = PREFIX + "line"  # of a file whose lines are not split into columns: the line
