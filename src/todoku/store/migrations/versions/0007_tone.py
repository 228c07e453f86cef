"""Whether a letter tells of a failure, a warning, or that something is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; what waits already goes out as a warning."""
    op.add_column("outbox", sa.Column("tone", sa.String(7), nullable=False, server_default="warning"))
