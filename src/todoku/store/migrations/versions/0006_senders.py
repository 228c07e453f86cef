"""Who sent a report, as far as its signature proves it, and how many of one sender's are read on a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; whatever is there already is looked at once."""
    op.add_column("raw", sa.Column("proof", sa.String(8), nullable=False, server_default=""))
    op.add_column("raw", sa.Column("signer", sa.Text, nullable=False, server_default=""))
    op.add_column("raw", sa.Column("sender", sa.Text, nullable=False, server_default=""))
    op.add_column("raw", sa.Column("looks", sa.Integer, nullable=False, server_default="0"))
    op.add_column("raw", sa.Column("next_look", sa.BigInteger))
    op.add_column("raw", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE raw SET next_look = received - 1152921504606846976")  # 2**60: in the order of arrival
    op.drop_index("raw_by_state", "raw")
    op.create_index("raw_by_state", "raw", ["state", "attempts", "turn", "received"])
    op.create_index("raw_by_look", "raw", ["next_look"])
    op.add_column("reports", sa.Column("contact", sa.Text, nullable=False, server_default=""))
    op.add_column("reports", sa.Column("vouched_by", sa.Text))
    op.add_column("reports", sa.Column("amended", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "senders",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("admitted", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
    )
