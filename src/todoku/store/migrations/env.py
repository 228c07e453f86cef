"""Alembic's entry: the migrations run in the transaction that ``Database.migrate`` has begun."""

from __future__ import annotations

from alembic import context

from todoku.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
