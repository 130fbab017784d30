"""Every table of the store, once, for both engines.

Days are ISO texts `YYYY-MM-DD`, moments are UTC texts `YYYY-MM-DDTHH:MM:SSZ`, digests are SHA-256 in
hexadecimal: the same bytes on both engines, comparable as text. Registers are dated rows: a row holds from
`valid_from` to `valid_to` inclusive; `valid_to` is NULL while it holds. A new batch closes a row and opens
the next, it never changes one, except that taking a batch back removes what it opened and reopens what it
closed.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- content by digest ---------------------------------------------------------------------------------------------

blobs = Table(
    "blobs",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("media", Text, nullable=False),  # what it is: document, state, catalogue, part, issued, paper
    Column("size_bytes", Integer, nullable=False),  # of the content, before compression
    Column("packed", LargeBinary, nullable=False),  # zlib
)

# --- machines and what was seen of them ----------------------------------------------------------------------------

machines = Table(
    "machines",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("first_seen_at", Text, nullable=False),
    Column("last_collected_at", Text, nullable=False),
    Column("last_received_at", Text, nullable=False),
    Column("last_document", Text, nullable=False),
    Column("content_digest", Text, nullable=False),  # of host, software and coverage without times; empty: unsettled
    Column("state", Text, nullable=False),  # blob: installations, scopes, host as they stand
    Column("title_set", Integer, ForeignKey("title_sets.id"), nullable=False),
    Column("host_name", Text),
    Column("serial", Text),
    Column("os_family", Text),
    Column("os_name", Text),
    Column("unit", Text),  # the unit of the enrolment token, until the register says otherwise
    Column("agent", Text),
    Column("origin", Text, nullable=False),  # agent, file
    Column("merged_into", Integer),
    Index(None, "serial"),
    Index(None, "host_name"),
)

machine_evidence = Table(
    "machine_evidence",
    metadata,
    Column("machine", Integer, ForeignKey("machines.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # agent, serial, uuid, board_serial, mac, os_installation, host_name
    Column("value", Text, primary_key=True),
    Column("first_seen_at", Text, nullable=False),
    Column("last_seen_at", Text, nullable=False),
    Index(None, "kind", "value"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False, unique=True),  # of the document as kept: keys cut off
    Column("machine", Integer, ForeignKey("machines.id"), nullable=False),
    Column("collected_at", Text, nullable=False),  # by the machine's clock, but never later than received
    Column("received_at", Text, nullable=False),
    Column("ahead_seconds", Integer),  # how far the machine's clock was ahead of ours, when it was
    Column("origin", Text, nullable=False),
    Column("agent", Text),
    Column("state", Text, nullable=False),  # blob: the machine as it stood after this document
    Column("programs", Text, nullable=False),  # blob: names of the programs that ran
    Column("facts", Text),  # blob: facts that signs may be read from; null: the document came before they were kept
    Column("standing", Text, nullable=False),  # current, history (arrived late), held (waits for a second scan)
    Column("identified_by", Text, nullable=False),  # why it was taken for this machine, in words of core/identity
    Index(None, "machine", "collected_at"),
)

refused_documents = Table(
    "refused_documents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
)

titles = Table(
    "titles",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("platform", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("publisher", Text),
    Column("version", Text),
    Column("identifier", Text),
    Column("words", Text, nullable=False),  # the whole title as JSON
    Column("first_seen_at", Text, nullable=False),
)

title_sets = Table(
    "title_sets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("members", LargeBinary, nullable=False, server_default=text("''")),  # rising ids, 4 bytes, little end first
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("machine", Integer, ForeignKey("machines.id"), nullable=False),
    Column("kind", Text, nullable=False),  # installed, removed, upgraded, adjusted
    Column("title", Integer, ForeignKey("titles.id"), nullable=False),
    Column("previous_title", Integer),
    Column("scope", Text, nullable=False),
    Column("happened_after", Text),
    Column("happened_on", Text, nullable=False),
    Column("day_is_exact", Integer, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "machine", "happened_on"),
    Index(None, "title"),
)

journal_openings = Table(
    "journal_openings",
    metadata,
    # 期初登记 of one scope: the lines are the members of the blob, not one row each
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("machine", Integer, ForeignKey("machines.id"), nullable=False),
    Column("system", Text, nullable=False),  # which operating system of the machine, in words of core/changes
    Column("scope", Text, nullable=False),
    Column("content", Text, nullable=False),  # blob: [[title id, installed_on or null], …]
    Column("happened_on", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("machine", "system", "scope"),
)

# --- agents --------------------------------------------------------------------------------------------------------

agents = Table(
    "agents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit", Text),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("enrolled_at", Text, nullable=False),
    Column("last_seen_at", Text),
    Column("version", Text),
    Column("revoked_at", Text),
    Column("token", Integer),
)

taken_exports = Table(
    "taken_exports",
    metadata,
    Column("id", Text, primary_key=True),  # drawn by the agent for each file that it writes
    Column("agent", Text, nullable=False),
    Column("taken_at", Text, nullable=False),
    Column("documents", Integer, nullable=False),
)

enrolment_tokens = Table(
    "enrolment_tokens",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("unit", Text),
    Column("uses_left", Integer, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)

# --- registers: dated rows -----------------------------------------------------------------------------------------

units = Table(
    "units",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent", Text),
    Column("kind", Text, nullable=False),
    Column("headcount", Integer),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("batch", Integer, nullable=False),
    Column("ended_by", Integer),
    Index(None, "code", "valid_from"),
)

people = Table(
    "people",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("batch", Integer, nullable=False),
    Column("ended_by", Integer),
    Index(None, "id", "valid_from"),
)

machine_register = Table(
    "machine_register",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("person", Text),
    Column("brand", Text),
    Column("serial", Text),
    Column("mac", Text),
    Column("host_name", Text),
    Column("machine_class", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("place", Text),
    Column("purchased_on", Text),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("batch", Integer, nullable=False),
    Column("ended_by", Integer),
    Index(None, "code", "valid_from"),
    Index(None, "serial"),
)

entitlements = Table(
    "entitlements",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("unit", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("line", Integer, nullable=False),  # number of the row within (unit, code): one purchase may have several
    Column("facts", Text, nullable=False),  # every further field of core.model.Entitlement as JSON, serials masked
    Column("sealed_serials", LargeBinary),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("batch", Integer, nullable=False),
    Column("ended_by", Integer),
    Index(None, "unit", "code", "valid_from"),
)

free_list = Table(
    "free_list",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("unit", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("facts", Text, nullable=False),  # every further field of core.model.FreeSoftware as JSON
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("batch", Integer, nullable=False),
    Column("ended_by", Integer),
    Index(None, "unit", "code", "valid_from"),
)


def _register_of_acts(name: str) -> Table:
    """Acts on the ledger and what stands beside it: each row bears its own days, so it holds from the first day on."""
    return Table(
        name,
        metadata,
        Column("row", Integer, primary_key=True, autoincrement=True),
        Column("code", Text, nullable=False),
        Column("facts", Text, nullable=False),  # every further field as JSON
        Column("valid_from", Text, nullable=False),
        Column("valid_to", Text),
        Column("batch", Integer, nullable=False),
        Column("ended_by", Integer),
        Index(None, "code", "valid_from"),
    )


transfers = _register_of_acts("transfers")  # 划转
disposals = _register_of_acts("disposals")  # 处置
exemptions = _register_of_acts("exemptions")  # 豁免
prices = _register_of_acts("prices")  # 价格

papers = Table(
    "papers",
    metadata,
    Column("digest", Text, primary_key=True),  # blob: the file itself
    Column("media_type", Text, nullable=False),  # what its bytes are: application/pdf, image/jpeg, application/ofd
    Column("size_bytes", Integer, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # certificate, contract, invoice, authorisation, transfer, disposal, other
    Column("number", Text),  # number that stands on it
    Column("remarks", Text),
    Column("added_at", Text, nullable=False),
    Column("added_by", Text),
)

paper_links = Table(
    "paper_links",
    metadata,
    # a link that was taken away stays, with the moment: history forgets nothing
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("paper", Text, ForeignKey("papers.digest"), nullable=False),
    Column("subject", Text, nullable=False),  # right, contract, transfer, disposal, finding
    Column("unit", Text),  # of a right or contract
    Column("code", Text, nullable=False),  # 软件编号, contract number, number of the act, key of the finding
    Column("linked_at", Text, nullable=False),
    Column("linked_by", Text),
    Column("unlinked_at", Text),
    Column("unlinked_by", Text),
    Index(None, "subject", "code"),
    Index(None, "paper"),
)

import_batches = Table(
    "import_batches",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("register", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_digest", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("applied_at", Text, nullable=False),
    Column("taken_back_at", Text),
    Column("counts", Text, nullable=False),  # new, changed, unchanged, missing as JSON
    Column("made_by", Text),  # who, as the program was told
    Column("reason", Text),
    Column("taken_back_by", Text),
)

row_endings = Table(
    "row_endings",
    metadata,
    # which row of its register a batch ended, and how the row stood before: what taking back restores
    Column("batch", Integer, ForeignKey("import_batches.id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("valid_to_before", Text),
    Column("ended_by_before", Integer),
)

taken_back_rows = Table(
    "taken_back_rows",
    metadata,
    # what a batch had opened before it was taken back: history forgets nothing
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch", Integer, ForeignKey("import_batches.id"), nullable=False),
    Column("content", Text, nullable=False),  # the columns of the row as JSON, nothing sealed
    Index(None, "batch"),
)

# --- audits --------------------------------------------------------------------------------------------------------

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),  # digest of the frozen inputs
    Column("as_of", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("release", Text, nullable=False),
    Column("manifest", Text, nullable=False),  # blob: digests of every part
    Column("result", Text, nullable=False),  # blob: assignments, positions, findings
    Column("counts", Text, nullable=False),  # JSON for listings
    Column("sequence", Integer, nullable=False),
    Index(None, "sequence", unique=True),
)

findings = Table(
    "findings",
    metadata,
    Column("run", Text, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("unit", Text),
    Column("product", Text),
    Column("machine", Text),
    Column("content", Text, nullable=False),  # the whole finding as JSON
    Index(None, "run", "unit", "code"),
)

# --- a run as screens read it: worked out from its result, may be thrown away and made again -------------------------

run_units = Table(
    "run_units",
    metadata,
    # units in the order of the tree, each before those below it: a subtree is `at` to `last`
    Column("run", Text, ForeignKey("runs.id"), primary_key=True),
    Column("at", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent", Text),
    Column("kind", Text, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("first_machine", Integer, nullable=False),  # numbers of the machines of the subtree: first to last
    Column("last_machine", Integer, nullable=False),
    Column("content", Text, nullable=False),  # coverage and rates of the unit alone as JSON
    Index(None, "run", "code"),
)

run_machines = Table(
    "run_machines",
    metadata,
    # numbered in the order of units, then of 计算机编号: a subtree's machines are one range of numbers
    Column("run", Text, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("machine", Integer),  # of a machine that was seen
    Column("code", Text),
    Column("host_name", Text),
    Column("unit", Text, nullable=False),
    Column("machine_class", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("os_family", Text),
    Column("last_scan_on", Text, nullable=False),  # empty: never
    Column("unseen", Text, nullable=False),  # why it is not wholly seen, empty when it is
    Column("copies", Integer, nullable=False),
    Column("gravity", Integer, nullable=False),  # of its worst verdict, 0 the gravest
    Column("content", LargeBinary, nullable=False),  # its assignments as JSON, zlib
    Index(None, "run", "key"),
    Index(None, "run", "machine"),
)

run_positions = Table(
    "run_positions",
    metadata,
    # a line a unit with all below it, product and way of counting
    Column("run", Text, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("unit_at", Integer, nullable=False),
    Column("product", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("shortage", Float, nullable=False),  # for order alone; exact figures stand in the content
    Column("surplus", Float, nullable=False),
    Column("raw", Integer, nullable=False),
    Column("content", Text, nullable=False),  # the rolled-up line as JSON
    Index(None, "run", "unit_at", "shortage"),
    Index(None, "run", "product"),
)

run_bearers = Table(
    "run_bearers",
    metadata,
    # which machines bear something: `product`, `right` (that covers a copy), `unknown` (a group of titles)
    Column("run", Text, ForeignKey("runs.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("machines", Integer, nullable=False),
    Column("numbers", LargeBinary, nullable=False),  # of run_machines, rising, 4 bytes, little end first, zlib
    Column("content", Text, nullable=False),  # of `unknown`: name, publisher, source, versions as JSON
    Index(None, "run", "kind", "machines"),
)

console_jobs = Table(
    "console_jobs",
    metadata,
    # what somebody asked for in the console and takes more than a moment
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),  # audit, print
    Column("account", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("moved_at", Text, nullable=False),  # when the process that works on it last said so
    Column("ended_at", Text),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("task", Text, nullable=False),  # what was asked, as JSON
    Column("outcome", Text),  # what came of it, as JSON: files by digest, the run, or a fault
    Index(None, "account"),
)

issued_files = Table(
    "issued_files",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", Text, ForeignKey("runs.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("digest", Text, nullable=False),  # blob: the file itself
    Column("issued_at", Text, nullable=False),
    UniqueConstraint("run", "file_name", "digest"),
)

trail = Table(
    "trail",
    metadata,
    # a hash chain: `link` is the digest of the previous link and this entry
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),  # ids and digests, never names
    Column("link", Text, nullable=False),
    Column("account", Text),  # id of who acted; null: the program itself, or the command line
)

# --- accounts ------------------------------------------------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, unique=True),  # folded to lower case; null when erased
    Column("name", Text, nullable=False),
    Column("person", Text),  # id on the register of people
    Column("roles", Text, nullable=False),  # JSON list
    Column("units", Text, nullable=False),  # JSON list of roots; "*" is everywhere
    Column("language", Text, nullable=False),
    Column("source", Text, nullable=False),  # local, ldap
    Column("password", Text),  # argon2id; null: none was set, or the directory keeps it
    Column("password_set_at", Text),
    Column("must_change", Integer, nullable=False, server_default=text("0")),
    Column("sealed_totp", LargeBinary),
    Column("totp_confirmed", Integer, nullable=False, server_default=text("0")),
    Column("totp_step", Integer, nullable=False, server_default=text("0")),  # of the last code used: none twice
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", Text),
    Column("created_at", Text, nullable=False),
    Column("last_signed_in_at", Text),
    Column("ended_at", Text),
    Column("erased_at", Text),
)

former_passwords = Table(
    "former_passwords",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("password", Text, nullable=False),
    Column("set_at", Text, nullable=False),
    Index(None, "account"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),  # of the cookie's value
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("stage", Text, nullable=False),  # open, second (waits for the second factor), change (of the password)
    Column("created_at", Text, nullable=False),
    Column("used_at", Text, nullable=False),
    Index(None, "account"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("acts", Text, nullable=False),  # JSON list
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("revoked_at", Text),
    Index(None, "account"),
)

# --- schedule ------------------------------------------------------------------------------------------------------

due_jobs = Table(
    "due_jobs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("due_at", Text, primary_key=True),
    Column("holder", Text, nullable=False),  # drawn by the process that runs it
    Column("held_until", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done_at", Text),
    Column("outcome", Text),  # done, failed
)
