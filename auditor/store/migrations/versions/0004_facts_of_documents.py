"""Facts that signs are read from, kept with each document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Documents that are there already have none: they count as told nothing until the next scan."""
    op.add_column("documents", sa.Column("facts", sa.Text(), nullable=True))
