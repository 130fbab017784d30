"""Keep the members of a set of titles packed in its row: a machine has hundreds, a row each was most of its writing."""

from __future__ import annotations

import struct

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_CHUNK = 200


def upgrade() -> None:
    """Pack what the rows say, then give the rows up."""
    op.add_column("title_sets", sa.Column("members", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
    connection = op.get_bind()
    sets = sa.table("title_sets", sa.column("id", sa.Integer), sa.column("members", sa.LargeBinary))
    rows = sa.table("title_set_members", sa.column("title_set", sa.Integer), sa.column("title", sa.Integer))
    ids = list(connection.execute(sa.select(sets.c.id).order_by(sets.c.id)).scalars())
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        members: dict[int, list[int]] = {number: [] for number in chunk}
        wanted = sa.select(rows.c.title_set, rows.c.title).where(rows.c.title_set.in_(chunk)).order_by(rows.c.title)
        for title_set, title in connection.execute(wanted):
            members[title_set].append(title)
        for number, titles in members.items():
            packed = struct.pack(f"<{len(titles)}I", *titles)
            connection.execute(sets.update().where(sets.c.id == number).values(members=packed))
    op.drop_table("title_set_members")
