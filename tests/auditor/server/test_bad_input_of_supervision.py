"""Bad input at each of the three doors (command, interface, console): refused with the reason, and nothing is lost."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from console_readers import Reader, readers
from filled_store import Filled, filled_store
from signed_in import browser, new_account
from under_way import hand_in_of

from auditor.accounts.managing import issue_api_token
from auditor.cli import main
from auditor.console.viewer import Act
from auditor.proof.signing import new_signing_key
from auditor.settings import load_settings
from auditor.store.cases import Case, Filter, events_of, find_case, list_cases
from auditor.store.handed_in import UnitKey, add_key, list_hand_ins, list_keys, revoke_key
from auditor.store.papers import list_papers
from auditor.supervision.proving import supervision_faults

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
EXE = b"MZ\x90\x00" + b"\0" * 200


@dataclass(frozen=True)
class Doors:
    """One store behind three doors."""

    filled: Filled
    console: Reader
    ask: Callable[..., Any]
    folder: Path

    def case(self, number: int) -> Case:
        """A finding as it stands."""
        with self.filled.store.read() as connection:
            return find_case(connection, str(number))

    def post(self, case: Case, doing: str, files: Any = None, **said: str) -> Any:
        """Send the console's form of an act."""
        return self.console.post(f"/cases/{case.id}/{doing}", {"version": str(case.version), **said}, files=files)

    def act(self, case: Case, doing: str, **said: Any) -> Any:
        """Ask the interface for an act."""
        return self.ask("POST", "cases/acts", {"act": doing, "cases": {str(case.id): case.version}, **said})

    def state(self) -> object:
        """Everything that must not be lost or changed by what is refused."""
        with self.filled.store.read() as connection:
            assert supervision_faults(connection) == []
            found = list_cases(connection, Filter())
            return (
                found, [events_of(connection, case.id) for case in found], list_hand_ins(connection),
                list_papers(connection),
            )  # fmt: skip


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("doors")
    made, key = filled_store(folder), new_signing_key(folder / "key.pem")
    url = made.settings.text("database")
    filled = replace(made, settings=load_settings(flags={"database": url, "submission_key": str(folder / "key.pem")}))
    with filled.store.begin() as connection:
        public = base64.b64encode(key.public).decode("ascii")
        add_key(connection, UnitKey("SJ", public, "2026-01-01T00:00:00Z"))
    _login, id = new_account(filled.store, filled.settings, roles=["unit_auditor"], units=["*"])
    now = datetime.now(UTC)
    _id, token = issue_api_token(filled.store, filled.settings, id, name="x", acts=list(Act), days=1, now=now)
    with (
        browser(filled.store, filled.settings) as client,
        readers(filled, roles=("unit_auditor",), units=("*",)) as reader,
    ):

        def ask(method: str, path: str, body: Any = None) -> Any:
            heads = {"Authorization": f"Bearer {token}"}
            return client.client.request(method, f"/api/v1/{path}", json=body, headers=heads)

        yield Doors(filled, reader, ask, folder)


@pytest.fixture
def say(doors: Doors, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return what runs a command that is refused, and tells what it said."""

    def saying(*words: str) -> str:
        code = main(["--database", doors.filled.settings.text("database"), *words])
        out, err = capfd.readouterr()
        assert code not in (0, 1), (words, out, err)
        return out + err

    return saying


def closed(doors: Doors) -> Case:
    """A finding that a person closed with a paper."""
    with doors.filled.store.read() as connection:
        first = next(case for case in list_cases(connection, Filter()) if case.state == "to_confirm" and case.unit)
    assert doors.post(first, "confirmed").status_code == 303
    files = {"file": ("合同.pdf", PDF, "application/pdf")}
    assert doors.post(doors.case(first.id), "closed", files, text="凭合同").status_code == 303
    return doors.case(first.id)


def waiting(doors: Doors) -> Case:
    """A finding that waits to be confirmed."""
    with doors.filled.store.read() as connection:
        return next(case for case in list_cases(connection, Filter(states=("to_confirm",))) if case.unit)


def test_a_statement_on_a_closed_finding(doors: Doors, say: Callable[..., str]) -> None:
    case = closed(doors)
    before = doors.state()
    assert "已办结的不再接受陈述" in say("findings", "state", str(case.id), "--text", "申辩")
    for answer in (doors.act(case, "stated", text="申辩"), doors.post(case, "stated", text="申辩")):
        assert answer.status_code == 400 and "已办结的不再接受陈述" in answer.text
    assert doors.state() == before


def test_a_deadline_before_the_notice(doors: Doors, say: Callable[..., str]) -> None:
    case = waiting(doors)
    assert doors.post(case, "confirmed").status_code == 303
    due = (TODAY + timedelta(days=9)).isoformat()
    early = (TODAY - timedelta(days=1)).isoformat()
    confirmed = doors.case(case.id)
    before = doors.state()
    out = str(doors.folder / "letters")
    assert "期限不能早于" in say("findings", "notice", str(case.id), "--output", out, "--due", early)
    answer = doors.post(confirmed, "noticed", due_on=early)
    assert answer.status_code == 400 and "期限不能早于" in answer.text
    assert doors.state() == before
    assert doors.post(confirmed, "noticed", due_on=due).status_code == 303
    noticed = doors.case(case.id)
    before = doors.state()
    assert "期限不能早于" in say("findings", "assign", str(case.id), "--due", early)
    for answer in (doors.act(noticed, "assigned", due_on=early), doors.post(noticed, "assigned", due_on=early)):
        assert answer.status_code == 400 and "期限不能早于" in answer.text
    assert doors.state() == before


def test_of_two_who_close_one_is_told(doors: Doors, say: Callable[..., str]) -> None:
    case = waiting(doors)
    assert doors.post(case, "confirmed").status_code == 303
    seen = doors.case(case.id)
    files = {"file": ("a.pdf", PDF + b"%3", "application/pdf")}
    assert doors.post(seen, "closed", files, text="先到者").status_code == 303
    before = doors.state()
    with doors.filled.store.read() as connection:
        paper = list_papers(connection)[-1].digest
    late = doors.post(seen, "closed", {"file": ("a.pdf", PDF + b"%3", "application/pdf")}, text="后到者")
    assert late.status_code == 400 and "其他人刚刚处理过" in late.text
    answer = doors.act(seen, "closed", text="后到者", paper=paper)
    assert answer.status_code == 409 and "其他人刚刚处理过" in answer.text
    assert "现为已关闭" in say("findings", "close", str(case.id), "--paper", paper, "--reason", "后到者")
    assert doors.state() == before


def test_an_exception_without_an_end(doors: Doors, say: Callable[..., str]) -> None:
    case = waiting(doors)
    before = doors.state()
    assert "例外应有截止日期" in say("findings", "except", str(case.id), "--approver", "孙总", "--reason", "年底更换")
    for answer in (
        doors.act(case, "excepted", text="年底更换", approver="孙总"),
        doors.post(case, "excepted", text="年底更换", approver="孙总"),
    ):
        assert answer.status_code == 400 and "例外应有截止日期" in answer.text
    assert doors.state() == before


def test_the_same_hand_in_twice_and_one_of_a_revoked_unit(doors: Doors, say: Callable[..., str]) -> None:
    data = hand_in_of(doors.filled)
    file = doors.folder / "sj.json"
    file.write_bytes(data)
    content = {"content": base64.b64encode(data).decode("ascii")}
    upload = {"file": ("sj.json", data, "application/json")}
    assert doors.ask("POST", "received", content).json()["is_new"]
    before = doors.state()
    assert main(["--database", doors.filled.settings.text("database"), "hand-in", "receive", str(file)]) == 0
    assert not doors.ask("POST", "received", content).json()["is_new"]
    assert (
        doors.console.post("/hand-ins/received", {"kind": "hand-in"}, files=upload)
        .headers["location"]
        .endswith("there")
    )
    assert doors.state() == before

    other = hand_in_of(doors.filled, machines=2)
    file.write_bytes(other)
    content = {"content": base64.b64encode(other).decode("ascii")}
    upload = {"file": ("sj.json", other, "application/json")}
    for why in ("更正须写明所更正的文件", "吊销"):
        assert why in say("hand-in", "receive", str(file))
        refused = doors.ask("POST", "received", content)
        assert refused.status_code in (400, 401) and why in refused.text
        page = doors.console.post("/hand-ins/received", {"kind": "hand-in"}, files=upload)
        assert page.status_code == 400 and why in page.text
        assert doors.state() == before
        if why != "吊销":
            (public,) = _keys(doors)
            with doors.filled.store.begin() as connection:
                revoke_key(connection, public, at="2026-07-02T00:00:00Z", by="管理员")


def _keys(doors: Doors) -> list[str]:
    with doors.filled.store.read() as connection:
        return [key.public_key for key in list_keys(connection) if key.revoked_at is None]


def test_an_attachment_that_is_a_program_or_too_large(doors: Doors, say: Callable[..., str]) -> None:
    case = waiting(doors)
    before = doors.state()
    program, huge = doors.folder / "凭证.pdf", doors.folder / "大.pdf"
    program.write_bytes(EXE)
    with huge.open("wb") as sparse:  # 2 GB that take no room
        sparse.write(PDF)
        sparse.truncate(2 * 1024**3)
    assert "可执行文件" in say("papers", "add", str(program), "--kind", "其他")
    assert "MB" in say("papers", "add", str(huge), "--kind", "其他")
    for name, data, why in (("a.pdf", EXE, "可执行文件"), ("a.pdf", PDF + b"0" * 21 * 1024 * 1024, "20 MB")):
        page = doors.post(case, "attached", {"file": (name, data, "application/pdf")})
        assert page.status_code == 400 and why in page.text
        body = {"file_name": name, "content": base64.b64encode(data).decode("ascii"), "version": case.version}
        answer = doors.ask("POST", f"cases/{case.id}/papers", body)
        assert answer.status_code == 400 and why in answer.text, answer.text
    for most in (25, 33):
        page = doors.post(case, "attached", {"file": ("a.pdf", b"0" * most * 1024 * 1024, "application/pdf")})
        assert page.status_code in (400, 413)
    body = {"file_name": "a.pdf", "content": "A" * (33 * 1024 * 1024), "version": case.version}
    assert doors.ask("POST", f"cases/{case.id}/papers", body).status_code == 413
    assert doors.state() == before
    body = {"file_name": "a.pdf", "content": base64.b64encode(PDF).decode("ascii"), "version": case.version}
    assert doors.ask("POST", f"cases/{case.id}/papers", body).status_code == 201
    assert doors.ask("POST", f"cases/{case.id}/papers", body).status_code == 409
