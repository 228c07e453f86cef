"""What each file of rows was when it was written, and what each item is called where it came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; files and items that are there already have neither."""
    op.add_column("manifest", sa.Column("digest", sa.String(64), nullable=False, server_default=""))
    op.add_column("raw", sa.Column("name", sa.Text, nullable=False, server_default=""))
