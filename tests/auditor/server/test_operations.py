"""A checker as operations have it: TLS by files, client certificates, metrics, log lines, draining, limits."""

from __future__ import annotations

import json
import re
import signal
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import Authority, Pair
from faulty import Checker, running, scan
from fleet import PATH, Member, enrolled_fleet
from foreign_documents import deb, glpi

from auditor.intake.enrolment import sign
from auditor.store.database import open_store
from auditor.store.inventories import list_documents
from auditor.store.machines import list_machines

pytestmark = pytest.mark.slow


def member_of(url: str) -> Member:
    store = open_store(url)
    (member,) = enrolled_fleet(store, 1, now=datetime.now(UTC))
    store.close()
    return member


def asked(
    checker: Checker,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> tuple[int, bytes, dict[str, str]]:
    scheme = "https" if tls is not None else "http"
    request = urllib.request.Request(f"{scheme}://127.0.0.1:{checker.port}{path}", body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30, context=tls) as answer:
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        return error.code, error.read(), {name.lower(): value for name, value in error.headers.items()}


def reported(checker: Checker, member: Member, turn: int, tls: ssl.SSLContext | None = None) -> int:
    body = scan(member.number, turn, datetime.now(UTC) - timedelta(hours=1) + timedelta(seconds=turn))
    headers = sign(member.key, agent=member.agent, method="POST", path=PATH, body=body, now=datetime.now(UTC))
    return asked(checker, PATH, body, headers, tls)[0]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ca")


@pytest.fixture
def secure(tmp_path: Path, authority: Authority) -> Iterator[Checker]:
    server = authority.issue("checker", host="127.0.0.1")
    accounts = tmp_path / "accounts"
    accounts.write_text("branch:certificate:hq\n", encoding="utf-8")
    made = Checker(
        f"sqlite:///{tmp_path}/z.db",
        tmp_path,
        settings={
            "ZHENGBAN_TLS_CERT": str(server.certificate),
            "ZHENGBAN_TLS_KEY": str(server.key),
            "ZHENGBAN_TLS_CLIENT_CA": str(authority.file),
            "ZHENGBAN_FOREIGN_ACCOUNTS": str(accounts),
        },
    )
    with running(made):
        yield made


def trusting(authority: Authority, shown: Pair | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.file))
    if shown is not None:
        context.load_cert_chain(shown.certificate, shown.key)
    return context


def test_agents_report_over_tls_and_plain_http_is_none(secure: Checker, authority: Authority) -> None:
    member = member_of(secure.url)
    assert reported(secure, member, 0, trusting(authority)) == 200
    status, _, headers = asked(secure, "/healthz", tls=trusting(authority))
    assert status == 200 and "max-age" in headers["strict-transport-security"]
    with pytest.raises(urllib.error.URLError, match=r"(?i)certificate verify failed"):
        asked(secure, "/healthz", tls=ssl.create_default_context())
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        asked(secure, "/healthz")
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((urllib.error.URLError, ssl.SSLError)):
        asked(secure, "/healthz", tls=old)


def test_a_client_certificate_stands_for_name_and_password(secure: Checker, authority: Authority) -> None:
    told = glpi([deb("bash")])
    headers = {"Content-Type": "application/json", "GLPI-Agent-ID": "11111111-2222-3333-4444-555555555555"}
    shown = trusting(authority, authority.issue("branch"))
    assert asked(secure, "/inventory", told, headers, shown)[0] == 200
    store = open_store(secure.url)
    with store.read() as connection:
        (document,) = list_documents(connection)
        (machine,) = list_machines(connection)
    store.close()
    assert (document.origin, machine.unit) == ("credentials", "hq")


def test_a_certificate_of_another_authority_is_refused(secure: Checker, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "stranger").issue("branch")
    with pytest.raises((urllib.error.URLError, ssl.SSLError, ConnectionError)):
        asked(secure, "/inventory", glpi([deb("bash")]), tls=trusting(authority, stranger))
    assert asked(secure, "/healthz", tls=trusting(authority))[0] == 200


def test_metrics_count_and_the_log_names_nobody(tmp_path: Path) -> None:
    checker = Checker(f"sqlite:///{tmp_path}/z.db", tmp_path, settings={"ZHENGBAN_LOG_FORMAT": "json"})
    with running(checker):
        member = member_of(checker.url)
        assert [reported(checker, member, turn) for turn in range(4)] == [200] * 4
        assert asked(checker, PATH, b"{}")[0] == 401
        status, text, headers = asked(checker, "/metrics")
        assert status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4")
        counted = dict(re.findall(r"^(zhengban_\S+) (\S+)$", text.decode(), re.MULTILINE))
        posted = 'zhengban_requests_total{method="POST",kind="/api/v1/inventories",status="%s"}'
        assert counted[posted % "200"] == "4" and counted[posted % "401"] == "1"
        for line in text.decode().splitlines():
            assert re.fullmatch(r"# (HELP|TYPE) zhengban_\w+ .+|zhengban_\w+(\{.*\})? [-+0-9.e]+", line), line
        assert checker.stop() == 0
    lines = checker.log.read_text("utf-8")
    assert member.agent not in lines and "pc-0" not in lines and "SN00000000" not in lines
    answered = [told for line in lines.splitlines() if line.startswith("{") and (told := json.loads(line))]
    assert len([told for told in answered if "answered" in told.values()]) == 6, lines[-2000:]


def test_a_stop_drains_what_is_under_way_and_keeps_it(tmp_path: Path) -> None:
    checker = Checker(f"sqlite:///{tmp_path}/z.db", tmp_path)
    with running(checker):
        store = open_store(checker.url)
        fleet = enrolled_fleet(store, 60, now=datetime.now(UTC))
        with ThreadPoolExecutor(60) as pool:
            answers = [pool.submit(reported, checker, member, 0) for member in fleet]
            time.sleep(0.15)
            assert checker.process is not None
            checker.process.send_signal(signal.SIGTERM)
            done = [answer.exception() is None and answer.result() for answer in answers]
        assert checker.process.wait(30) == 0
    with store.read() as connection:
        kept = len(list_documents(connection))
    store.close()
    assert done.count(200) >= 1 and kept >= done.count(200)  # whoever was answered is kept; others may not have got in


def test_an_agent_that_sends_too_often_is_told_to_wait_and_others_are_not(tmp_path: Path) -> None:
    settings = {"ZHENGBAN_AGENT_REQUESTS_PER_MINUTE": "3"}
    with running(Checker(f"sqlite:///{tmp_path}/z.db", tmp_path, settings=settings)) as checker:
        store = open_store(checker.url)
        eager, other = enrolled_fleet(store, 2, now=datetime.now(UTC))
        store.close()
        assert [reported(checker, eager, turn) for turn in range(5)] == [200, 200, 200, 503, 503]
        assert reported(checker, other, 0) == 200


def test_more_than_may_wait_are_told_not_now_and_come_through_later(tmp_path: Path) -> None:
    settings = {"ZHENGBAN_INTAKE_WAITING_DOCUMENTS": "2", "ZHENGBAN_INTAKE_GROUP_DOCUMENTS": "1"}
    with running(Checker(f"sqlite:///{tmp_path}/z.db", tmp_path, settings=settings)) as checker:
        store = open_store(checker.url)
        fleet = enrolled_fleet(store, 40, now=datetime.now(UTC))
        seen: set[int] = set()

        def until_taken(member: Member) -> int:
            while (status := reported(checker, member, 0)) == 503:
                seen.add(status)
                time.sleep(0.05)
            return status

        with ThreadPoolExecutor(40) as pool:
            assert set(pool.map(until_taken, fleet)) == {200}
        assert seen == {503}
        with store.read() as connection:
            assert len(list_machines(connection)) == 40
        store.close()
