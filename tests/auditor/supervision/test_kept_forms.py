"""Forms of a check are kept one by one: a save grows the store by its own form; what is kept can be proved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_once import new_store
from sqlalchemy import func, select, update

from auditor.proof.digest import canonical_json
from auditor.store.blobs import get_blob, put_blob
from auditor.store.database import Connection, Store
from auditor.store.dossiers import SPOT_CHECKS, Dossier, add_dossier, find_dossier
from auditor.store.tables import blobs
from auditor.supervision.kept_forms import digests_kept, is_whole, kept_forms, kept_whole, lines_kept
from auditor.supervision.on_the_spot import note, parts_of, version_of
from auditor.supervision.proving import supervision_faults
from auditor.supervision.rectification import Actor
from auditor.supervision.spot_checks import Found, drawn_of, fill, found_of

AT = "2026-07-01T08:00:00Z"
FORMS, LINES = 200, 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "a.db")
    yield opened
    opened.close()


def form(number: int) -> list[dict[str, Any]]:
    return [
        {
            "number": number * LINES + n,
            "present": True,
            "judged": None,
            "told": f"现场 {number}-{n}",
            "code": "",
            "name": "",
        }
        for n in range(LINES)
    ]


def kept_bytes(connection: Connection) -> int:
    return int(connection.execute(select(func.sum(blobs.c.size_bytes))).scalar() or 0)


def test_a_store_grows_with_the_forms_and_not_with_their_square(store: Store) -> None:
    sizes, result = [], None
    with store.begin() as connection:
        for number in range(1, FORMS + 1):
            before = kept_bytes(connection)
            result = kept_forms(connection, result, {number: form(number)})
            sizes.append(kept_bytes(connection) - before)
        assert result is not None and len(lines_kept(connection, result)) == FORMS * LINES
        assert lines_kept(connection, result)[0] == form(1)[0]
        whole = kept_whole(connection, lines_kept(connection, result))
        assert lines_kept(connection, whole) == lines_kept(connection, result)
    half = FORMS // 2
    assert sum(sizes[half:]) < 1.3 * sum(sizes[:half]), "three times as much where each save writes all so far"
    assert max(sizes) < 3 * sizes[0]


def check_of(connection: Connection, computers: int) -> Dossier:
    """A check of computers with two lines each, drawn."""
    lines = [{"number": n + 1, "unit": "JT", "code": f"PC-{n // 2:03}"} for n in range(2 * computers)]
    drawn = put_blob(connection, "part", canonical_json({"lines": lines}))
    values: dict[str, Any] = {
        "number": "CC-2026-001", "kind": "machines", "state": "drawn", "made_at": AT, "made_by": "李检",
        "drawn": drawn, "result": None, "sign_offs": [],
    }  # fmt: skip
    return add_dossier(connection, SPOT_CHECKS, values, at=AT, act="check.drawn")


def noted(connection: Connection, number: int, told: str) -> list[Found]:
    check = find_dossier(connection, SPOT_CHECKS, "CC-2026-001")
    parts = parts_of(check, drawn_of(connection, check))
    part = parts[number - 1]
    lines = [Found(n, True, None, told) for n in sorted(part.numbers)]
    seen = version_of(part, found_of(connection, check))
    return found_of(connection, note(connection, check, parts, part, lines, seen=seen, at=AT))


def test_a_form_takes_the_place_of_what_stood_on_it_alone(store: Store) -> None:
    with store.begin() as connection:
        check_of(connection, 70)
        noted(connection, 1, "一")
        noted(connection, 64, "二")
        found = noted(connection, 1, "三")
        assert [(line.number, line.told) for line in found] == [(1, "三"), (2, "三"), (127, "二"), (128, "二")]
        assert supervision_faults(connection) == []


def test_a_check_that_was_filled_in_whole_goes_on_form_by_form(store: Store) -> None:
    with store.begin() as connection:
        check = check_of(connection, 3)
        whole = [Found(n, True) for n in range(1, 7)]
        extra = [
            Found(0, True, None, "", "PC-001", "表外软件"),
            Found(0, True, None, "", "PC-900", "未抽到的计算机上的"),
        ]
        check = fill(connection, check, [*whole, *extra], actor=Actor("李检"), at=AT)
        assert is_whole(connection, check["result"])
        found = noted(connection, 1, "改过")
        assert [line.number for line in found] == [0, 0, 1, 2, 3, 4, 5, 6]
        assert [line.told for line in found] == ["", "", "改过", "改过", "", "", "", ""]
        found = noted(connection, 2, "也改过")
        assert [line.code for line in found if not line.number] == ["PC-900"], (
            "of its own form what is not repeated goes"
        )
        assert supervision_faults(connection) == []


def test_a_changed_form_is_found(store: Store) -> None:
    with store.begin() as connection:
        check_of(connection, 2)
        noted(connection, 1, "一")
        noted(connection, 2, "二")
        result = find_dossier(connection, SPOT_CHECKS, "CC-2026-001")["result"]
        below = list(digests_kept(connection, result))
        assert len(below) == 3 and supervision_faults(connection) == []
        packed = connection.execute(select(blobs.c.packed).where(blobs.c.digest == below[0])).scalar()
        for digest in below[1:]:
            assert get_blob(connection, digest)
            connection.execute(update(blobs).where(blobs.c.digest == digest).values(packed=packed))
            assert any(digest[:16] in told or "CC-2026-001" in told for told in supervision_faults(connection))
