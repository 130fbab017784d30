"""What no installation shows: check-outs, access, stated quantities; hardware in the register of machines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables, add the column."""
    for name in ("check_outs", "access_pairs", "stated_quantities"):
        op.create_table(
            name,
            sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
            sa.Column("code", sa.Text(), nullable=False),
            sa.Column("facts", sa.Text(), nullable=False),
            sa.Column("valid_from", sa.Text(), nullable=False),
            sa.Column("valid_to", sa.Text(), nullable=True),
            sa.Column("batch", sa.Integer(), nullable=False),
            sa.Column("ended_by", sa.Integer(), nullable=True),
            sa.PrimaryKeyConstraint("row", name=f"pk_{name}"),
        )
        op.create_index(f"ix_{name}_code_valid_from", name, ["code", "valid_from"])
    op.add_column("machine_register", sa.Column("hardware", sa.Text(), nullable=True))
