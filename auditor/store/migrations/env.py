"""Alembic's entry: runs the migrations on the connection that `database.py` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from auditor.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction is the caller's: all migrations or none
)
context.run_migrations()
