"""Enrolment: the token is used once, the key stays with us, a damaged key is said."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from small_checker import AGENT_ID, KEY, SmallChecker, json_reply

from agent.connection import Connection, Unreachable
from agent.enrolment import Enrolment, EnrolmentError, enrol, load_enrolment


def test_the_key_is_kept_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    state = tmp_path / "new" / "state"
    with SmallChecker() as checker:
        enrolment = enrol(Connection(checker.url + "/"), "one-time", "财务-01", str(state))
        asked = json.loads(checker.requests[0][3].decode("utf-8"))

    assert (enrolment.agent_id, enrolment.key, enrolment.server) == (AGENT_ID, KEY, checker.url)
    assert (asked["token"], asked["name"], sorted(asked)) == ("one-time", "财务-01", ["name", "token", "version"])
    assert load_enrolment(str(state)) == enrolment
    assert os.listdir(str(state)) == ["enrolment.json"]
    if os.name == "posix":
        assert os.stat(str(state / "enrolment.json")).st_mode & 0o777 == 0o600


def test_a_refused_token_leaves_the_old_enrolment(tmp_path: Path) -> None:
    with SmallChecker() as checker:
        first = enrol(Connection(checker.url), "one-time", "a", str(tmp_path))
        with pytest.raises(EnrolmentError, match="refused: this token is not valid"):
            enrol(Connection(checker.url), "one-time", "a", str(tmp_path))
    assert load_enrolment(str(tmp_path)) == first


@pytest.mark.parametrize(
    "reply",
    [
        (500, {}, b""),
        (404, {}, b"<html>"),
        json_reply(200, {"agent_id": "a"}),
        json_reply(200, {"agent_id": "a", "key": "short"}),
        json_reply(200, {"agent_id": "a\r\nX-Other: b", "key": base64.b64encode(KEY).decode("ascii")}),
    ],
)
def test_what_is_no_checkers_answer_enrols_nobody(tmp_path: Path, reply: tuple[int, dict[str, str], bytes]) -> None:
    with SmallChecker() as checker:
        checker.replies = [reply]
        with pytest.raises(Unreachable):
            enrol(Connection(checker.url), "one-time", "a", str(tmp_path))
    assert load_enrolment(str(tmp_path)) is None


def test_no_token_is_spent_when_the_key_could_not_be_kept(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with SmallChecker() as checker, pytest.raises(OSError):
        enrol(Connection(checker.url), "one-time", "a", str(tmp_path / "state"))
    assert checker.requests == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"agent_id": "a"}', '{"agent_id": 1, "key": "x", "server": "s"}', "\xff"]
)
def test_a_damaged_enrolment_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "enrolment.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(EnrolmentError, match="enrol again"):
        load_enrolment(str(tmp_path))


def test_signs_what_the_protocol_says() -> None:
    headers = Enrolment("a", b"k" * 32, "s").headers("POST", "/api/v1/inventories", b"body", 1700000000)
    assert headers == {
        "X-Zhengban-Agent": "a",
        "X-Zhengban-Time": "1700000000",
        "X-Zhengban-Signature": "sha256=6518589c2fb20abee2e5bbf17d6377b7da9a0278facdb3bd914474fdaa95d280",
    }
    assert "kkkk" not in repr(Enrolment("a", b"k" * 32, "s"))
