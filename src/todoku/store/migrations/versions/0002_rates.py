"""Rates day by day, and what Google says of a domain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both."""
    op.create_table(
        "days",
        sa.Column("source", sa.String(20), primary_key=True),
        sa.Column("about", sa.Text, primary_key=True),
        sa.Column("metric", sa.Text, primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("read_at", sa.BigInteger, primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("of", sa.BigInteger),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("latest", sa.Boolean, nullable=False),
    )
    op.create_table(
        "standings",
        sa.Column("about", sa.Text, primary_key=True),
        sa.Column("row", sa.String(60), primary_key=True),
        sa.Column("read_at", sa.BigInteger, primary_key=True),
        sa.Column("confirmed_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(60), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("latest", sa.Boolean, nullable=False),
    )
