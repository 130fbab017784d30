"""The rpm collector and its readers: three kinds of database, their damage, and rpm itself as the judge."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import struct
import subprocess
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations
from rpm_writer import TAGS, Value, berkeley_db, header, ndb, write_sqlite

from agent.collectors.base import Absent, Found, Problem, Scope, ScopeFailed
from agent.collectors.linux.rpm import RPM, collect, parse_file
from agent.formats import berkeley_db as berkeley_db_reader
from agent.formats import ndb as ndb_reader
from agent.formats.rpm_blobs import BadBlob, Blob, DatabaseFault
from agent.formats.rpm_header import HeaderFault, read_header
from agent.formats.unix_time import day_of
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

BASH: dict[str, Value] = {
    "name": "bash", "version": "5.1.8", "release": "2.oe2203", "arch": "loongarch64", "vendor": "http://openeuler.org",
    "license": "GPLv3", "group": ["Unspecified", "未指定"], "summary": ["The GNU shell", "GNU 命令解释器"],
    "installtime": 1656633600, "size": 6453210, "sourcerpm": "bash-5.1.8-2.oe2203.src.rpm",
}  # fmt: skip
DM: dict[str, Value] = {
    "name": "dm8",
    "version": "8.1.3",
    "release": "62",
    "epoch": 1,
    "packager": "武汉达梦数据库股份有限公司",
}
KEY: dict[str, Value] = {"name": "gpg-pubkey", "version": "b25e7f66", "release": "5fc1a5d6"}
BLOBS = [header(BASH), header(KEY), header(DM)]


def software(found: list[Found]) -> list[Software]:
    return [item for item in found if isinstance(item, Software)]


def rooted(tmp_path: Path, path: str, data: bytes) -> OfflineMachine:
    place = tmp_path / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return OfflineMachine(str(tmp_path))


def sqlite_bytes(tmp_path: Path, blobs: list[bytes]) -> bytes:
    write_sqlite(str(tmp_path / "made.sqlite"), blobs)
    return (tmp_path / "made.sqlite").read_bytes()


def test_a_header_says_what_is_asked_for() -> None:
    read = read_header(header(BASH))

    assert (read.name, read.version, read.release, read.epoch) == ("bash", "5.1.8", "2.oe2203", None)
    assert (read.group, read.summary) == ("Unspecified", "The GNU shell")
    assert (read.installed_at, read.size_bytes, read.source_rpm) == (1656633600, 6453210, BASH["sourcerpm"])


@pytest.mark.parametrize(
    ("fields", "attribute", "expected"),
    [
        ({"name": "a", "epoch": 0}, "epoch", 0),  # an epoch of 0 was said
        ({"name": "a", "size": 7, "longsize": 5_000_000_000}, "size_bytes", 5_000_000_000),
        ({"name": "a", "vendor": "(none)"}, "vendor", None),
        ({"name": "a", "vendor": ""}, "vendor", None),
        ({"name": "a", "vendor": 7}, "vendor", None),  # a number where a text belongs
        ({"name": "a", "size": "big"}, "size_bytes", None),
        ({"name": "a", "vendor": "x" * 5000}, "vendor", "x" * 5000),
        ({"name": ["first", "second"]}, "name", "first"),
    ],
)
def test_fields_of_a_header(fields: dict, attribute: str, expected: object) -> None:  # type: ignore[type-arg]
    assert getattr(read_header(header(fields)), attribute) == expected


def test_the_last_of_two_entries_of_one_tag_counts() -> None:
    entry = struct.pack(">IIII", TAGS["name"], 6, 0, 1) + struct.pack(">IIII", TAGS["name"], 6, 4, 1)

    assert read_header(struct.pack(">II", 2, 8) + entry + b"old\0new\0").name == "new"


def test_a_field_outside_the_data_or_without_an_end_costs_the_field() -> None:
    entries = struct.pack(">IIII", TAGS["name"], 6, 0, 1) + struct.pack(">IIII", TAGS["version"], 6, 2, 1)
    entries += struct.pack(">IIII", TAGS["vendor"], 6, 900, 1) + struct.pack(">IIII", TAGS["size"], 4, 2, 1)

    read = read_header(struct.pack(">II", 4, 5) + entries + b"a\0abc")

    assert (read.name, read.version, read.vendor, read.size_bytes) == ("a", None, None, None)


@pytest.mark.parametrize(
    "blob",
    [b"", b"\0" * 7, b"\0" * 8, struct.pack(">II", 70000, 0), struct.pack(">II", 1, 0xFFFFFFFF), header(BASH)[:-1]],
)
def test_what_is_no_header_is_refused(blob: bytes) -> None:
    with pytest.raises(HeaderFault):
        read_header(blob)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("page_bytes", [512, 4096])
def test_a_berkeley_db_file_of_either_byte_order(order: str, page_bytes: int) -> None:
    blobs = [*BLOBS, header({"name": "x", "vendor": "y" * 9000}), header({"name": "s"})]

    found = list(berkeley_db_reader.package_blobs(berkeley_db(blobs, order, page_bytes)))

    assert [item.data for item in found if isinstance(item, Blob)] == blobs
    assert not [item for item in found if isinstance(item, BadBlob)]


def test_a_berkeley_db_file_that_ends_early_keeps_what_it_has() -> None:
    data = berkeley_db([*BLOBS, header({"name": "x", "vendor": "y" * 9000})])

    found = list(berkeley_db_reader.package_blobs(data[:-1024]))

    assert [item.data for item in found if isinstance(item, Blob)] == BLOBS
    assert [item.what for item in found if isinstance(item, BadBlob)][-1] == "the file ends 2 pages early"


@pytest.mark.parametrize(
    ("at", "value", "what"),
    [
        (12, b"\0\0\0\0", "not a Berkeley DB hash file"),
        (24, b"\x01", "encrypted"),
        (25, b"\x09", "not a Berkeley DB hash file"),  # a btree
        (20, b"\x07\0\0\0", "pages of 7 bytes"),
    ],
)
def test_other_berkeley_db_files_are_refused(at: int, value: bytes, what: str) -> None:
    data = bytearray(berkeley_db(BLOBS))
    data[at : at + len(value)] = value

    with pytest.raises(DatabaseFault, match=what):
        list(berkeley_db_reader.package_blobs(bytes(data)))


def test_overflow_pages_in_a_circle_end() -> None:
    data = bytearray(berkeley_db([header({"name": "x", "vendor": "y" * 2000})]))
    first = next(at for at in range(512, len(data), 512) if data[at + 25] == 7)
    data[first + 16 : first + 20] = struct.pack("<I", first // 512)

    found = list(berkeley_db_reader.package_blobs(bytes(data)))

    assert [len(item.data) for item in found if isinstance(item, Blob)] == [
        len(header({"name": "x", "vendor": "y" * 2000}))
    ]


def test_an_ndb_file_and_its_damage() -> None:
    data = bytearray(ndb(BLOBS))
    assert [item.data for item in ndb_reader.package_blobs(bytes(data)) if isinstance(item, Blob)] == BLOBS

    data[4096 + 20] ^= 1
    assert [type(item).__name__ for item in ndb_reader.package_blobs(bytes(data))] == ["BadBlob", "Blob", "Blob"]
    assert next(iter(ndb_reader.package_blobs(bytes(data)))) == BadBlob("package 1", "blob with a wrong checksum")


@pytest.mark.parametrize("kind", ["sqlite", "ndb", "bdb-little", "bdb-big"])
def test_the_collector_reads_every_kind_alike(kind: str, tmp_path: Path) -> None:
    made = {"ndb": ("Packages.db", ndb(BLOBS)), "bdb-little": ("Packages", berkeley_db(BLOBS)),
            "bdb-big": ("Packages", berkeley_db(BLOBS, ">"))}  # fmt: skip
    name, data = made[kind] if kind in made else ("rpmdb.sqlite", sqlite_bytes(tmp_path, BLOBS))
    machine = rooted(tmp_path / "root", "/var/lib/rpm/" + name, data)

    found = list(collect(machine))

    assert found[0] == Scope("rpm:/var/lib/rpm")
    assert [(s.name, s.version, s.publisher) for s in software(found)] == [
        ("bash", "5.1.8-2.oe2203", "http://openeuler.org"),
        ("dm8", "1:8.1.3-62", "武汉达梦数据库股份有限公司"),
    ]
    bash = software(found)[0]
    assert (bash.installed_on, bash.install_date_raw) == ("2022-07-01", "1656633600")
    assert (bash.section, bash.licence, bash.architecture) == ("Unspecified", "GPLv3", "loongarch64")
    assert (bash.parent, bash.size_bytes) == ("bash-5.1.8-2.oe2203.src.rpm", 6453210)
    assert software(list(parse_file(data, name))) == [
        Software(**{**s.__dict__, "scope": name, "seen_at": str(s.seen_at).replace("/var/lib/rpm/", "")})
        for s in software(found)
    ]


def test_the_scan_of_a_database_leaves_nothing_behind(tmp_path: Path) -> None:
    machine = rooted(tmp_path / "root", "/usr/lib/sysimage/rpm/rpmdb.sqlite", sqlite_bytes(tmp_path, BLOBS))
    folder = tmp_path / "root/usr/lib/sysimage/rpm"
    before = (os.listdir(str(folder)), (folder / "rpmdb.sqlite").read_bytes())

    assert len(software(list(collect(machine)))) == 2
    assert (os.listdir(str(folder)), (folder / "rpmdb.sqlite").read_bytes()) == before


def test_packages_that_still_wait_in_the_write_ahead_log_are_seen(tmp_path: Path) -> None:
    folder = tmp_path / "root/var/lib/rpm"
    folder.mkdir(parents=True)
    write_sqlite(str(folder / "rpmdb.sqlite"), BLOBS)
    busy = sqlite3.connect(str(folder / "rpmdb.sqlite"))
    busy.execute("PRAGMA journal_mode=WAL")
    busy.execute("INSERT INTO Packages (blob) VALUES (?)", (header({"name": "late"}),))
    busy.commit()
    before = sorted(os.listdir(str(folder)))

    names = [s.name for s in software(list(collect(OfflineMachine(str(tmp_path / "root")))))]

    assert names == ["bash", "dm8", "late"]
    assert sorted(os.listdir(str(folder))) == before
    busy.close()


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("rpmdb.sqlite", b"SQLite format 3\0" + b"\xff" * 500, "sqlite: "),
        ("rpmdb.sqlite", b"", "sqlite: "),
        ("Packages.db", b"RpmP\x09\0\0\0" + b"\0" * 100, "ndb version 9"),
        ("Packages", b"hello", "too short"),
        ("Packages", b"\0" * 4096, "not a Berkeley DB"),
    ],
)
def test_a_database_that_is_there_and_cannot_be_read_fails(name: str, data: bytes, why: str, tmp_path: Path) -> None:
    found = list(collect(rooted(tmp_path, "/var/lib/rpm/" + name, data)))

    assert found[0] == Scope("rpm:/var/lib/rpm")
    assert [type(item) for item in found[1:]] == [ScopeFailed]
    assert isinstance(found[1], ScopeFailed) and why in found[1].why


def test_a_file_whose_query_never_ends_is_given_up(tmp_path: Path) -> None:
    connection = sqlite3.connect(str(tmp_path / "endless"))
    connection.execute(
        "CREATE VIEW Packages AS WITH RECURSIVE n(hnum) AS (SELECT 1 UNION ALL SELECT hnum + 1 FROM n) "
        "SELECT hnum, x'00' AS blob FROM n"
    )
    connection.close()

    found = list(parse_file((tmp_path / "endless").read_bytes(), "endless"))

    assert [item.why for item in found if isinstance(item, ScopeFailed)] == ["endless: sqlite: interrupted"]


def test_a_bad_package_costs_only_itself(tmp_path: Path) -> None:
    data = sqlite_bytes(tmp_path, [BLOBS[0], BLOBS[0][:50], header({"version": "1"}), BLOBS[2]])

    found = list(parse_file(data, "rpmdb.sqlite"))

    assert [s.name for s in software(found)] == ["bash", "dm8"]
    assert [p.where for p in found if isinstance(p, Problem)] == ["rpmdb.sqlite package 2", "rpmdb.sqlite package 3"]


def test_without_a_database_there_is_no_rpm(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    with pytest.raises(Absent):
        list(collect(OfflineMachine(str(tmp_path))))


def test_the_folder_that_rpm_moved_to_is_read_once(tmp_path: Path) -> None:
    machine = rooted(tmp_path / "root", "/usr/lib/sysimage/rpm/rpmdb.sqlite", sqlite_bytes(tmp_path, BLOBS))
    (tmp_path / "root/var/lib").mkdir(parents=True)
    (tmp_path / "root/var/lib/rpm").symlink_to("../../usr/lib/sysimage/rpm")

    found = list(collect(machine))

    assert [s.scope for s in software(found)] == ["rpm:/usr/lib/sysimage/rpm"] * 2


@pytest.mark.parametrize(
    ("seconds", "day"),
    [(None, None), (0, None), (1, "1970-01-01"), (1656633599, "2022-06-30"), (1656633600, "2022-07-01"),
     (-5, None), (2**32, None), (2**63, None)],
)  # fmt: skip
def test_days(seconds: int | None, day: str | None) -> None:
    assert day_of(seconds) == day


def test_a_listing() -> None:
    lines = "bash\tx86_64\t5.1-1\t1311080703\t38452\tMageia.Org\tThe shell\tShells\nno columns\n\n"
    lines += "a\tnoarch\t1-1\t\t(none)\t(none)\tS\tG\ngpg-pubkey\t(none)\t1-1\t1\t0\t(none)\tK\tP\n"

    found = list(parse_file(lines.encode(), "list"))

    assert [(s.name, s.version, s.publisher, s.installed_on, s.size_bytes, s.section) for s in software(found)] == [
        ("bash", "5.1-1", "Mageia.Org", "2011-07-19", 38452, "Shells"),
        ("a", "1-1", None, None, None, "G"),
    ]
    assert [p for p in found if isinstance(p, Problem)] == [Problem("list line 2", "expected 8 columns, got 1")]


@pytest.mark.parametrize("kind", ["header", "bdb", "ndb", "sqlite"])
def test_damage_ends_in_declared_faults_only(kind: str, tmp_path: Path) -> None:
    whole = {"header": BLOBS[0], "bdb": berkeley_db(BLOBS), "ndb": ndb(BLOBS)}.get(kind) or sqlite_bytes(
        tmp_path, BLOBS
    )
    for damaged in mutations(whole, 150 if kind == "sqlite" else 1500):
        if kind == "header":
            with contextlib.suppress(HeaderFault):
                read_header(damaged)
        else:
            assert all(isinstance(item, (Software, Problem, ScopeFailed)) for item in parse_file(damaged, "x"))


CASES = [
    path for folder in ("osquery-rpmdb", "osv-scalibr", "glpi-agent")
    for path in sorted((corpus_folder(folder) or Path("/nonexistent")).glob("expected/*rpm*.json"))
]  # fmt: skip


@pytest.mark.skipif(not CASES, reason="no corpus here")
@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_recordings_with_known_answers(case: Path) -> None:
    answer = json.loads(case.read_text(encoding="utf-8"))
    recorded = case.parent.parent / answer["files"][0]

    found = software(list(parse_file(recorded.read_bytes(), recorded.name)))

    assert sorted(s.name for s in found) == sorted(e["name"] for e in answer["expected"])
    by_name = {s.name: s for s in found}
    for expected in answer["expected"]:
        mine = by_name[expected["name"]]
        epoch = expected.get("metadata", {}).get("Epoch")
        assert str(mine.version).startswith(("%s:" % epoch if epoch else "") + expected["version"])
        for theirs, ours in (("publisher", "publisher"), ("arch", "architecture"), ("category", "section")):
            assert theirs not in expected or getattr(mine, ours) == expected[theirs], theirs
        if "install_date" in expected:  # the answer is a day in France, ours one in UTC
            seconds = int(str(mine.install_date_raw))
            assert mine.installed_on == day_of(seconds)
            assert expected["install_date"] in (day_of(seconds + 3600), day_of(seconds + 7200))


@pytest.mark.skipif(not (shutil.which("rpm") and shutil.which("rpmbuild")), reason="no rpm here")
def test_a_database_that_rpm_itself_made(tmp_path: Path) -> None:
    spec = tmp_path / "tiny.spec"
    spec.write_text(
        "Name: tiny\nEpoch: 2\nVersion: 1.4\nRelease: 3\nSummary: Tiny\nLicense: MIT\nVendor: 示例厂商\n"
        "Group: Applications/System\nBuildArch: noarch\n%description\nTiny.\n%files\n",
        encoding="utf-8",
    )
    root = tmp_path / "root"
    folder = root / "var/lib/rpm"
    define = ["--define", "_topdir %s" % tmp_path, "--define", "_dbpath /var/lib/rpm"]
    subprocess.run(["rpmbuild", "-bb", *define, str(spec)], check=True, capture_output=True)
    folder.mkdir(parents=True)
    package = next((tmp_path / "RPMS").glob("noarch/*.rpm"))
    options = ["--root", str(root), *define, "--define", "_db_backend sqlite"]
    subprocess.run(["rpm", *options, "--initdb"], check=True)
    subprocess.run(["rpm", *options, "--nodeps", "-i", str(package)], check=True, stderr=subprocess.PIPE)
    query = ["rpm", *options, "-q", "--qf", "%{EPOCH}:%{VERSION}-%{RELEASE} %{VENDOR} %{INSTALLTIME} %{SIZE}", "tiny"]
    said = subprocess.run(query, check=True, stdout=subprocess.PIPE).stdout.decode()

    (tiny,) = software(list(RPM.collect(OfflineMachine(str(root)))))

    assert " ".join([str(tiny.version), str(tiny.publisher), str(tiny.install_date_raw), str(tiny.size_bytes)]) == said
    assert (tiny.licence, tiny.section, tiny.parent) == ("MIT", "Applications/System", "tiny-1.4-3.src.rpm")


@pytest.mark.skipif(not shutil.which("db5.3_load"), reason="no Berkeley DB tools here")
@pytest.mark.parametrize("order", ["1234", "4321"])
def test_a_hash_that_berkeley_db_itself_made(order: str, tmp_path: Path) -> None:
    sign = "<" if order == "1234" else ">"
    blobs = {number: header({"name": "p%d" % number, "vendor": "v" * (number * 37 % 3000)}) for number in range(1, 120)}
    keys = {0: struct.pack(sign + "I", 119), **blobs}
    dump = "VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=1024\ndb_lorder=%s\nHEADER=END\n" % order
    dump += "".join(" %s\n %s\n" % (struct.pack(sign + "I", key).hex(), value.hex()) for key, value in keys.items())
    made = tmp_path / "Packages"
    subprocess.run(["db5.3_load", str(made)], input=(dump + "DATA=END\n").encode(), check=True)

    found = list(berkeley_db_reader.package_blobs(made.read_bytes()))

    assert not [item for item in found if isinstance(item, BadBlob)]
    assert sorted(item.data for item in found if isinstance(item, Blob)) == sorted(blobs.values())
