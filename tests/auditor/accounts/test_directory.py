"""Signing in by a directory: a real slapd, in the clear on loopback and by TLS."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import escape_rdn
from made_once import place_store
from signed_in import browser

from auditor.accounts.directory import directory_knows
from auditor.accounts.managing import add_user
from auditor.errors import AuditorError, Busy
from auditor.settings import Settings, load_settings
from auditor.store.database import open_settings_store

BASE, ROOT, SECRET = "dc=example,dc=org", "cn=admin,dc=example,dc=org", "root-secret"
PEOPLE = {"zhangsan": "Zhang-Secret-1", "li*si": "Li-Secret-2", "twice": "Twice-Secret-3"}


@dataclass(frozen=True)
class Directory:
    plain: str
    tls: str
    certificate: Path
    password_file: Path

    def settings(self, folder: Path, **flags: str) -> Settings:
        told = {
            "database": place_store(folder / "a.db"), "directory_url": self.plain, "directory_base": BASE,
            "directory_account": ROOT, "directory_password_file": str(self.password_file),
        }  # fmt: skip
        return load_settings(flags={**told, **flags})


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    folder = tmp_path_factory.mktemp("slapd")
    program = shutil.which("slapd", path="/usr/sbin:/usr/libexec:/usr/bin")
    assert program is not None, "slapd is not installed"
    certificate, key, data = folder / "cert.pem", folder / "key.pem", folder / "data"
    data.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "slapd.conf").write_text(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
        "include /etc/ldap/schema/inetorgperson.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f"TLSCertificateFile {certificate}\nTLSCertificateKeyFile {key}\n"
        f'database mdb\nsuffix "{BASE}"\nrootdn "{ROOT}"\nrootpw {SECRET}\ndirectory {data}\n',
        encoding="utf-8",
    )
    plain, tls = f"ldap://127.0.0.1:{free_port()}", f"ldaps://localhost:{free_port()}"
    server = subprocess.Popen([program, "-f", folder / "slapd.conf", "-h", f"{plain} {tls}", "-d", "0"])
    try:
        _fill(plain)
        (folder / "secret").write_text(SECRET + "\n", encoding="utf-8")
        yield Directory(plain, tls, certificate, folder / "secret")
    finally:
        server.kill()
        server.wait()


def _fill(address: str) -> None:
    connection: Any = None
    for _ in range(100):
        try:
            connection = ldap3.Connection(ldap3.Server(address), ROOT, SECRET, auto_bind=True)
            break
        except LDAPException:
            time.sleep(0.1)
    connection.add(BASE, ["dcObject", "organization"], {"dc": "example", "o": "Example"})
    for unit in ("a", "b"):
        connection.add(f"ou={unit},{BASE}", "organizationalUnit")
    for login, password in PEOPLE.items():
        for unit in ("a", "b") if login == "twice" else ("a",):
            facts = {"cn": login, "sn": login, "userPassword": password}
            assert connection.add(f"uid={escape_rdn(login)},ou={unit},{BASE}", "inetOrgPerson", facts)
    connection.unbind()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("login", "password", "known"),
    [
        ("zhangsan", "Zhang-Secret-1", True),
        ("zhangsan", "wrong", False),
        ("zhangsan", "", False),  # a server takes it for an anonymous bind
        ("li*si", "Li-Secret-2", True),
        ("*", "Zhang-Secret-1", False),
        ("zhangsan)(uid=*", "Zhang-Secret-1", False),
        ("twice", "Twice-Secret-3", False),  # two entries: nobody is meant
        ("nobody", "x", False),
        ("zhang\x00san", "x\x00", False),
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_the_directory_knows_its_own(
    directory: Directory, tmp_path: Path, login: str, password: str, known: bool, tls: bool
) -> None:
    more = {"directory_url": directory.tls, "directory_ca_file": str(directory.certificate)} if tls else {}
    assert directory_knows(directory.settings(tmp_path, **more), login, password) is known


@pytest.mark.slow
def test_a_certificate_of_somebody_else_is_not_believed(directory: Directory, tmp_path: Path) -> None:
    with pytest.raises(Busy):
        directory_knows(directory.settings(tmp_path, directory_url=directory.tls), "zhangsan", "Zhang-Secret-1")


@pytest.mark.slow
def test_an_account_of_the_directory_signs_in_with_its_rights_here(directory: Directory, tmp_path: Path) -> None:
    settings = directory.settings(tmp_path)
    store = open_settings_store(settings)
    add_user(
        store, settings, login="zhangsan", name="张三", roles=["trail_reader"], source="ldap", now=datetime.now(UTC)
    )
    with browser(store, settings) as visitor:
        assert visitor.post("/sign-in", {"login": "zhangsan", "password": "wrong"}).status_code == 401
        assert visitor.post("/sign-in", {"login": "li*si", "password": "Li-Secret-2"}).status_code == 401
        assert visitor.sign_in("zhangsan", "Zhang-Secret-1").status_code == 303
        assert visitor.get("/trail").status_code == 200
        assert visitor.get("/users").status_code == 403
    store.close()


@pytest.mark.parametrize("address", ["ldap://ldap.example.org", "http://127.0.0.1", "", "ldap://"])
def test_a_password_is_never_sent_in_the_clear(tmp_path: Path, address: str) -> None:
    settings = load_settings(flags={"database": place_store(tmp_path / "a.db"), "directory_url": address})
    with pytest.raises(AuditorError, match="directory_url"):
        directory_knows(settings, "zhangsan", "x")
