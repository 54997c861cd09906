"""The declarative base: every table is declared on it, every constraint gets a name that migrations can speak of."""

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


def table(declared: type[Base]) -> Table:
    """The plain table of a declared class, for Core statements: they cost a fraction of the ORM's."""
    return Base.metadata.tables[declared.__tablename__]
