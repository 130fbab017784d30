"""The ledger whole: acts on rights, papers, prices, who and why of a batch; sharing in one spelling."""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, add the columns, rewrite the older spelling of sharing."""
    for name in ("transfers", "disposals", "exemptions", "prices"):
        _register(name)
    _papers()
    _taken_back_rows()
    for column in ("made_by", "reason", "taken_back_by"):
        op.add_column("import_batches", sa.Column(column, sa.Text(), nullable=True))
    _rewrite_facts(_sharing_in_one_spelling)


def _register(name: str) -> None:
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


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_papers"),
    )
    op.create_table(
        "paper_links",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.Text(), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=True),
        sa.Column("unlinked_at", sa.Text(), nullable=True),
        sa.Column("unlinked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_paper_links"),
        sa.ForeignKeyConstraint(["paper"], ["papers.digest"], name="fk_paper_links_paper"),
    )
    op.create_index("ix_paper_links_subject_code", "paper_links", ["subject", "code"])
    op.create_index("ix_paper_links_paper", "paper_links", ["paper"])


def _taken_back_rows() -> None:
    op.create_table(
        "taken_back_rows",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_taken_back_rows"),
        sa.ForeignKeyConstraint(["batch"], ["import_batches.id"], name="fk_taken_back_rows_batch"),
    )
    op.create_index("ix_taken_back_rows_batch", "taken_back_rows", ["batch"])


def _sharing_in_one_spelling(facts: dict[str, object]) -> None:
    """`"shared": true` was what `"sharing": "descendants"` is."""
    if facts.pop("shared", False):
        facts["sharing"] = "descendants"


def _rewrite_facts(change: Callable[[dict[str, object]], None]) -> None:
    """Rewrite the facts of every row of the ledger, those that ended too; a row that says the same is left alone."""
    ledger = sa.table("entitlements", sa.column("row", sa.Integer), sa.column("facts", sa.Text))
    connection = op.get_bind()
    for row in connection.execute(sa.select(ledger.c.row, ledger.c.facts)).all():
        facts = json.loads(row.facts)
        change(facts)
        told = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if told != row.facts:
            connection.execute(ledger.update().where(ledger.c.row == row.row).values(facts=told))
