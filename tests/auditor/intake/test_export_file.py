"""Export files of closed networks: what an agent wrote is taken once; anything else is refused with the reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from inventories import document, package
from made_once import new_store

from agent.enrolment import Enrolment
from agent.export import MAGIC, packed_export, signature
from auditor.errors import NotAuthentic, Refused
from auditor.intake.arrival import Receipt
from auditor.intake.enrolment import enrol_offline, revoke
from auditor.intake.export_file import is_export, open_export, take_export
from auditor.settings import load_settings
from auditor.store.agents import find_agent
from auditor.store.bulk import bulk
from auditor.store.database import Store
from auditor.store.trail import list_trail

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "zhengban.db")
    yield opened
    opened.close()


def enrolled(store: Store) -> Enrolment:
    made = enrol_offline(store, name="closed-01", unit=None, now=NOW)
    return Enrolment(made.agent, made.key, "")


def packed(*names: str) -> list[bytes]:
    return [gzip.compress(document([package(name, "1.0")]), mtime=0) for name in names]


def export(enrolment: Enrolment, *names: str, seal: bool = False) -> bytes:
    return packed_export(packed(*names), enrolment, name="closed-01", now=NOW.timestamp(), seal=seal)


@pytest.mark.parametrize("seal", [False, True])
def test_what_an_agent_wrote_is_taken_as_the_agents_own(store: Store, seal: bool) -> None:
    agent = enrolled(store)
    data = export(agent, "wps-office", "bash", seal=seal)
    assert is_export(data)
    assert (packed("bash")[0] in data) is not seal

    outcomes = take_export(store, data, now=NOW, settings=load_settings())

    assert [outcome.status for outcome in outcomes if isinstance(outcome, Receipt)] == ["kept", "kept"]
    with store.read() as connection:
        found = find_agent(bulk(connection), agent.agent_id)
        assert found is not None and found.last_seen_at == "2026-03-01T08:00:00Z"
        assert [entry.act for entry in list_trail(connection)] == ["agent.enrolled", "export.taken"]


def test_the_same_file_is_taken_once(store: Store) -> None:
    data = export(enrolled(store), "bash")
    take_export(store, data, now=NOW, settings=load_settings())
    with pytest.raises(Refused, match=r"taken before, at 2026-03-01T08:00:00Z"):
        take_export(store, data, now=NOW, settings=load_settings())


def test_a_new_file_with_the_same_documents_doubles_nothing(store: Store) -> None:
    agent = enrolled(store)
    take_export(store, export(agent, "bash"), now=NOW, settings=load_settings())
    (outcome,) = take_export(store, export(agent, "bash"), now=NOW, settings=load_settings())
    assert isinstance(outcome, Receipt) and outcome.status == "known"


def test_an_agent_that_is_not_enrolled_here_is_named(store: Store) -> None:
    stranger = Enrolment("a-somewhere-else", bytes(32), "")
    with pytest.raises(NotAuthentic, match="agent a-somewhere-else is not enrolled here"):
        open_export(store, export(stranger, "bash"))


def test_a_file_signed_with_another_key_is_forged(store: Store) -> None:
    agent = enrolled(store)
    forged = export(Enrolment(agent.agent_id, bytes(32), ""), "bash")
    with pytest.raises(NotAuthentic, match="not that of the agent's key"):
        open_export(store, forged)


def test_a_revoked_agent_is_refused(store: Store) -> None:
    agent = enrolled(store)
    data = export(agent, "bash")
    revoke(store, agent.agent_id, now=NOW)
    with pytest.raises(NotAuthentic, match="revoked at 2026-03-01"):
        open_export(store, data)


@pytest.mark.parametrize("seal", [False, True])
def test_no_single_changed_byte_gets_through(store: Store, seal: bool) -> None:
    data = export(enrolled(store), "bash", seal=seal)
    for place in range(0, len(data), max(1, len(data) // 150)):
        changed = bytearray(data)
        changed[place] ^= 0x01
        with pytest.raises((Refused, NotAuthentic)):
            open_export(store, bytes(changed))


def test_no_file_that_breaks_off_gets_through(store: Store) -> None:
    data = export(enrolled(store), "bash", "vim")
    for length in [*range(0, 700, 13), len(data) - 1]:
        with pytest.raises(Refused, match=r"breaks off|expected"):
            open_export(store, data[:length])
    with pytest.raises(Refused, match=r"expected \d+ bytes after the signature"):
        open_export(store, data + b"more")


@pytest.mark.parametrize(
    ("field", "value"),
    [("alg", "none"), ("seal", "rot13"), ("documents", "many"), ("agent_id", None), ("documents", [{"bytes": -5}])],
)
def test_a_header_of_another_kind_is_refused(store: Store, field: str, value: object) -> None:
    agent = enrolled(store)
    _, line, _, rest = export(agent, "bash").split(b"\n", 3)
    header = {**json.loads(line), field: value}
    head = MAGIC + json.dumps(header).encode() + b"\n"
    with pytest.raises(Refused, match=r"header cannot be read|release knows it"):
        open_export(store, head + signature(agent.key, head, rest) + b"\n" + rest)


def test_a_document_that_is_refused_leaves_the_file_open_for_another_try(store: Store) -> None:
    agent = enrolled(store)
    documents = [*packed("bash"), gzip.compress(b'{"contract": "2.0"}')]
    data = packed_export(documents, agent, name="", now=NOW.timestamp())
    first = take_export(store, data, now=NOW, settings=load_settings())
    again = take_export(store, data, now=NOW, settings=load_settings())
    assert [type(outcome) for outcome in first] == [Receipt, Refused] == [type(outcome) for outcome in again]
