"""Hand-ins over HTTP: a real server, three tiers, a question down and the answer up."""

from __future__ import annotations

import base64
import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from made_once import new_store
from supervised import organisation

from auditor.cli import main
from auditor.proof.signing import SigningKey, new_signing_key
from auditor.server.app import Serving, serve
from auditor.settings import load_settings
from auditor.store.database import Store
from auditor.store.handed_in import UnitKey, add_key, find_question, list_hand_ins
from auditor.supervision.drill_down import ANSWER_FORMAT, POLL_FORMAT, Answer, CopyTold, Poll, ask
from auditor.supervision.handing_up import EntityTold, HandInBody, PositionTold, hand_in
from auditor.supervision.rectification import Actor
from auditor.supervision.signed import sign

KEYS = {unit: SigningKey(unit.encode().ljust(32, b"-")) for unit in ("JT", "SY", "SC")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "zhengban.db")
    with opened.begin() as connection:
        for unit, key in KEYS.items():
            add_key(connection, UnitKey(unit, base64.b64encode(key.public).decode(), "2026-01-01T00:00:00Z"))
    yield opened
    opened.close()


@pytest.fixture
def serving(tmp_path: Path, store: Store) -> Iterator[Serving]:
    ready: queue.Queue[Serving] = queue.Queue()
    settings = load_settings(flags={"database": f"sqlite:///{tmp_path}/zhengban.db"})
    thread = threading.Thread(target=serve, args=(settings,), kwargs={"port": 0, "ready": ready.put})
    thread.start()
    running = ready.get(timeout=20)
    yield running
    running.stop()
    thread.join(20)


def post(serving: Serving, path: str, body: bytes) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(f"{serving.url}{path}", data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def file(unit: str) -> bytes:
    n = Fraction(3)
    position = PositionTold("rarlab/winrar", "per_device", "WinRAR", "archiver", 3, n, n, Fraction(0), Fraction(0),
                            Fraction(0), n, 0, False)  # fmt: skip
    entity = EntityTold(unit, unit, None, 3, 3, 3, 3, (position,), (), (), 0)
    body = HandInBody(unit, "summary", "2026", date(2026, 11, 30), "r" * 64, "t", "2026-12-01T00:00:00Z", (entity,))
    return hand_in(body, KEYS[unit])


def test_a_hand_in_is_taken_once_and_a_forged_one_not_at_all(serving: Serving, store: Store) -> None:
    assert post(serving, "/api/v1/hand-ins", file("SY"))[0] == 201
    assert post(serving, "/api/v1/hand-ins", file("SY"))[0] == 200
    assert post(serving, "/api/v1/hand-ins", file("SC").replace(b"WinRAR", b"WinZip"))[0] == 401
    status, told = post(serving, "/api/v1/hand-ins", b"{}")
    assert (status, "不是签名文件" in str(told["error"])) == (400, True)
    with store.read() as connection:
        assert [row.unit for row in list_hand_ins(connection)] == ["SY"]


def test_a_question_goes_down_and_its_answer_comes_up(serving: Serving, store: Store) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with store.begin() as connection:
        id, asked = ask(connection, KEYS["JT"], unit="SC", product="rarlab/winrar", period="2026", run="r" * 64,
                        actor=Actor("赵审"), at=now)  # fmt: skip
    status, told = post(serving, "/api/v1/questions", sign(POLL_FORMAT, Poll("SC", now), KEYS["SC"]))
    assert (status, told) == (200, {"questions": [base64.b64encode(asked).decode()]})
    assert post(serving, "/api/v1/questions", sign(POLL_FORMAT, Poll("SC", now), KEYS["SY"]))[0] == 401
    old = sign(POLL_FORMAT, Poll("SC", "2020-01-01T00:00:00Z"), KEYS["SC"])
    assert post(serving, "/api/v1/questions", old)[0] == 401

    from auditor.proof.digest import sha256_hex

    copy = CopyTold("PC-1", "6.24", None, "SC-1", "genuine", "exact", "d" * 64)
    answer = Answer(id, "SC", sha256_hex(asked), now, (copy,))
    assert post(serving, "/api/v1/answers", sign(ANSWER_FORMAT, answer, KEYS["SY"]))[0] == 400
    assert post(serving, "/api/v1/answers", sign(ANSWER_FORMAT, answer, KEYS["SC"])) == (200, {"question": id})
    other = Answer(id, "SC", sha256_hex(asked), now, ())
    assert post(serving, "/api/v1/answers", sign(ANSWER_FORMAT, other, KEYS["SC"]))[0] == 400
    with store.read() as connection:
        assert find_question(connection, id).answer is not None
    assert post(serving, "/api/v1/questions", sign(POLL_FORMAT, Poll("SC", now), KEYS["SC"]))[1] == {"questions": []}


@pytest.mark.slow
def test_a_unit_fetches_what_is_asked_of_it_and_answers(
    serving: Serving, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit's own checker, by one command over HTTP, from the run that it handed in."""
    (tmp_path / "unit").mkdir()
    org = organisation(tmp_path / "unit")
    org.machines({"PC-1": "SC"})
    org.scan("PC-1", "2026-02-01", ["WinRAR 6.24 (64-bit)"])
    run, _ = org.audit("2026-02-10")
    with org.store.begin() as connection:
        public = base64.b64encode(KEYS["JT"].public).decode()
        add_key(connection, UnitKey("JT", public, "2026-01-01T00:00:00Z"))
    org.store.close()
    mine = new_signing_key(tmp_path / "sc.key")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with store.begin() as connection:
        add_key(connection, UnitKey("SC", base64.b64encode(mine.public).decode(), now))
        ids = [
            ask(connection, KEYS["JT"], unit="SC", product="rarlab/winrar", period="2026", run=each,
                actor=Actor("赵审"), at=now)[0]
            for each in (run.id, "0" * 64)
        ]  # fmt: skip
    words = ["--database", f"sqlite:///{tmp_path}/unit/zhengban.db", "hand-in", "poll", "--unit", "SC", "--key",
             str(tmp_path / "sc.key"), "--to"]  # fmt: skip
    assert main([*words, serving.url]) == 3, "the run of one question is not there: told, and the other is answered"
    assert "已答复" in capsys.readouterr().out
    with store.read() as connection:
        answered = {id: find_question(connection, id).answer is not None for id in ids}
    assert answered == {ids[0]: True, ids[1]: False}
    assert main([*words, "http://example.cn"]) == 2
