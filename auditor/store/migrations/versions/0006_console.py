"""A run as screens read it: units, machines, positions, bearers; and what somebody asked for that takes longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; they are filled by the next audit, or when a run is first looked at."""
    op.create_table(
        "run_units",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("first_machine", sa.Integer(), nullable=False),
        sa.Column("last_machine", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_units_run"),
        sa.PrimaryKeyConstraint("run", "at", name="pk_run_units"),
    )
    op.create_index("ix_run_units_run_code", "run_units", ["run", "code"])
    op.create_table(
        "run_machines",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("machine", sa.Integer()),
        sa.Column("code", sa.Text()),
        sa.Column("host_name", sa.Text()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("machine_class", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("os_family", sa.Text()),
        sa.Column("last_scan_on", sa.Text(), nullable=False),
        sa.Column("unseen", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("gravity", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_machines_run"),
        sa.PrimaryKeyConstraint("run", "number", name="pk_run_machines"),
    )
    op.create_index("ix_run_machines_run_key", "run_machines", ["run", "key"])
    op.create_index("ix_run_machines_run_machine", "run_machines", ["run", "machine"])
    op.create_table(
        "run_positions",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit_at", sa.Integer(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("shortage", sa.Float(), nullable=False),
        sa.Column("surplus", sa.Float(), nullable=False),
        sa.Column("raw", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_positions_run"),
        sa.PrimaryKeyConstraint("run", "number", name="pk_run_positions"),
    )
    op.create_index("ix_run_positions_run_unit_at_shortage", "run_positions", ["run", "unit_at", "shortage"])
    op.create_index("ix_run_positions_run_product", "run_positions", ["run", "product"])
    op.create_table(
        "run_bearers",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("machines", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_bearers_run"),
        sa.PrimaryKeyConstraint("run", "kind", "name", name="pk_run_bearers"),
    )
    op.create_index("ix_run_bearers_run_kind_machines", "run_bearers", ["run", "kind", "machines"])
    op.create_table(
        "console_jobs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text()),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_console_jobs"),
    )
    op.create_index("ix_console_jobs_account", "console_jobs", ["account"])
