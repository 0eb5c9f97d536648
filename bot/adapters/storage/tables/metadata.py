"""How tables, keys and indexes are called."""

from typing import Final, TypedDict

from sqlalchemy import MetaData, TextClause

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Partial(TypedDict):
    sqlite_where: TextClause
    postgresql_where: TextClause


def partial(where: TextClause) -> Partial:
    """Make an index of only those rows."""
    return {"sqlite_where": where, "postgresql_where": where}
