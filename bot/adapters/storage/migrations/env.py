"""Run by Alembic: at open over the store's own connection, and for a new revision by hand."""

from alembic import context
from sqlalchemy import Connection

from bot.adapters.storage.tables import METADATA


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
