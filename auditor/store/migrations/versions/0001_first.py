"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, those first that others point to."""
    _agents()
    _blobs()
    _enrolment_tokens()
    _entitlements()
    _free_list()
    _import_batches()
    _machine_register()
    _people()
    _refused_documents()
    _runs()
    _title_sets()
    _titles()
    _trail()
    _units()
    _findings()
    _issued_files()
    _machines()
    _row_endings()
    _title_set_members()
    _documents()
    _journal()
    _journal_openings()
    _machine_evidence()


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_blobs"),
    )


def _enrolment_tokens() -> None:
    op.create_table(
        "enrolment_tokens",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment_tokens"),
        sa.UniqueConstraint("token_digest", name="uq_enrolment_tokens_token_digest"),
    )


def _entitlements() -> None:
    op.create_table(
        "entitlements",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("sealed_serials", sa.LargeBinary(), nullable=True),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_entitlements"),
    )
    op.create_index("ix_entitlements_unit_code_valid_from", "entitlements", ["unit", "code", "valid_from"])


def _free_list() -> None:
    op.create_table(
        "free_list",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_free_list"),
    )
    op.create_index("ix_free_list_unit_code_valid_from", "free_list", ["unit", "code", "valid_from"])


def _import_batches() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.Text(), nullable=False),
        sa.Column("taken_back_at", sa.Text(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_batches"),
    )


def _machine_register() -> None:
    op.create_table(
        "machine_register",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("mac", sa.Text(), nullable=True),
        sa.Column("host_name", sa.Text(), nullable=True),
        sa.Column("machine_class", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("purchased_on", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_machine_register"),
    )
    op.create_index("ix_machine_register_code_valid_from", "machine_register", ["code", "valid_from"])
    op.create_index("ix_machine_register_serial", "machine_register", ["serial"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_people"),
    )
    op.create_index("ix_people_id_valid_from", "people", ["id", "valid_from"])


def _refused_documents() -> None:
    op.create_table(
        "refused_documents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refused_documents"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_sequence", "runs", ["sequence"], unique=True)


def _title_sets() -> None:
    op.create_table(
        "title_sets",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_title_sets"),
        sa.UniqueConstraint("digest", name="uq_title_sets_digest"),
    )


def _titles() -> None:
    op.create_table(
        "titles",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("identifier", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_titles"),
        sa.UniqueConstraint("digest", name="uq_titles_digest"),
    )


def _trail() -> None:
    op.create_table(
        "trail",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trail"),
    )


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row", name="pk_units"),
    )
    op.create_index("ix_units_code_valid_from", "units", ["code", "valid_from"])


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("machine", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "number", name="pk_findings"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_findings_run"),
    )
    op.create_index("ix_findings_run_unit_code", "findings", ["run", "unit", "code"])


def _issued_files() -> None:
    op.create_table(
        "issued_files",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issued_files"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_issued_files_run"),
        sa.UniqueConstraint("run", "file_name", "digest", name="uq_issued_files_run_file_name_digest"),
    )


def _machines() -> None:
    op.create_table(
        "machines",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("first_seen_at", sa.Text(), nullable=False),
        sa.Column("last_collected_at", sa.Text(), nullable=False),
        sa.Column("last_received_at", sa.Text(), nullable=False),
        sa.Column("last_document", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title_set", sa.Integer(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("os_family", sa.Text(), nullable=True),
        sa.Column("os_name", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_machines"),
        sa.ForeignKeyConstraint(["title_set"], ["title_sets.id"], name="fk_machines_title_set"),
    )
    op.create_index("ix_machines_host_name", "machines", ["host_name"])
    op.create_index("ix_machines_serial", "machines", ["serial"])


def _row_endings() -> None:
    op.create_table(
        "row_endings",
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_to_before", sa.Text(), nullable=True),
        sa.Column("ended_by_before", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("batch", "row", name="pk_row_endings"),
        sa.ForeignKeyConstraint(["batch"], ["import_batches.id"], name="fk_row_endings_batch"),
    )


def _title_set_members() -> None:
    op.create_table(
        "title_set_members",
        sa.Column("title_set", sa.Integer(), nullable=False),
        sa.Column("title", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("title_set", "title", name="pk_title_set_members"),
        sa.ForeignKeyConstraint(["title"], ["titles.id"], name="fk_title_set_members_title"),
        sa.ForeignKeyConstraint(["title_set"], ["title_sets.id"], name="fk_title_set_members_title_set"),
    )
    op.create_index("ix_title_set_members_title", "title_set_members", ["title"])


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("ahead_seconds", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("programs", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("identified_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["machine"], ["machines.id"], name="fk_documents_machine"),
        sa.UniqueConstraint("digest", name="uq_documents_digest"),
    )
    op.create_index("ix_documents_machine_collected_at", "documents", ["machine", "collected_at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Integer(), nullable=False),
        sa.Column("previous_title", sa.Integer(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("happened_after", sa.Text(), nullable=True),
        sa.Column("happened_on", sa.Text(), nullable=False),
        sa.Column("day_is_exact", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.ForeignKeyConstraint(["machine"], ["machines.id"], name="fk_journal_machine"),
        sa.ForeignKeyConstraint(["title"], ["titles.id"], name="fk_journal_title"),
    )
    op.create_index("ix_journal_machine_happened_on", "journal", ["machine", "happened_on"])
    op.create_index("ix_journal_title", "journal", ["title"])


def _journal_openings() -> None:
    op.create_table(
        "journal_openings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_openings"),
        sa.ForeignKeyConstraint(["machine"], ["machines.id"], name="fk_journal_openings_machine"),
        sa.UniqueConstraint("machine", "system", "scope", name="uq_journal_openings_machine_system_scope"),
    )


def _machine_evidence() -> None:
    op.create_table(
        "machine_evidence",
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("machine", "kind", "value", name="pk_machine_evidence"),
        sa.ForeignKeyConstraint(["machine"], ["machines.id"], name="fk_machine_evidence_machine"),
    )
    op.create_index("ix_machine_evidence_kind_value", "machine_evidence", ["kind", "value"])
