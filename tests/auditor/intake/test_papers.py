"""Papers: what is taken, what is refused, and what they prove."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_once import shipped
from registers import DAY, NOW, apply, rights, small_store

from auditor.audit.freeze import freeze
from auditor.core.entitlement import Entitlement
from auditor.core.model import UnitCode
from auditor.errors import AuditorError
from auditor.intake.registers.papers import MAX_BYTES, check_paper
from auditor.proof.digest import sha256_hex
from auditor.proof.values import value_from
from auditor.settings import load_settings
from auditor.store.blobs import get_blob
from auditor.store.database import Store
from auditor.store.ledger_history import history_of
from auditor.store.papers import (
    Subject,
    add_paper,
    find_paper,
    link_paper,
    links_of,
    paper_content,
    papers_of_rights,
    unlink_paper,
    with_papers,
)

JT = UnitCode("JT")
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\nstartxref\n0\n%%EOF\n"
FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x04JF" + FRAME + b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00\x12\x34\xff\xd9"


def packed(**members: bytes) -> bytes:
    """A ZIP of these members; `__` in a name is a point."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name.replace("__", "."), content)
    return target.getvalue()


ROOT = b'<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>'
OFD = packed(OFD__xml=ROOT, page__xml=b"<x/>")


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (PDF, "合同.pdf", "application/pdf"),
        (PDF, "合同.PDF", "application/pdf"),
        (JPEG, "扫描件.jpg", "image/jpeg"),
        (JPEG, "扫描件.jpeg", "image/jpeg"),
        (OFD, "发票.ofd", "application/ofd"),
    ],
)
def test_a_paper_is_what_its_bytes_say(data: bytes, name: str, media_type: str) -> None:
    assert check_paper(data, name).media_type == media_type


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.pdf", "文件为空"),
        (b"MZ\x90\x00" + PDF, "a.pdf", "可执行文件（Windows）"),
        (b"\x7fELF" + PDF, "a.pdf", "可执行文件（Linux）"),
        (b"#!/bin/sh\n" + PDF, "a.pdf", "可执行文件（script）"),
        (PDF, "a.exe", "文件名应以 .pdf 结尾"),
        (PDF, "a.jpg", "文件名应以 .pdf 结尾"),
        (b"hello", "a.pdf", "应为 PDF、JPG 或 OFD"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "应为 PDF、JPG 或 OFD"),
        (PDF[:20], "a.pdf", "PDF 不完整"),
        (b"%PDF-9x" + PDF, "a.pdf", "PDF 不完整"),
        (JPEG[:-4], "a.jpg", "JPG 不完整"),
        (b"\xff\xd8\xff\xd9", "a.jpg", "JPG 不完整"),
        (packed(a__xml=b"<x/>"), "a.ofd", "没有 OFD.xml"),
        (packed(OFD__xml=b"<html/>"), "a.ofd", "根元素应为 OFD"),
        (packed(OFD__xml=ROOT, run__exe=b"MZ"), "a.ofd", "可执行文件 run.exe"),
        (packed(OFD__xml=ROOT)[:-30], "a.ofd", "OFD 已损坏"),
        (packed(OFD__xml=ROOT, big=b"\0" * (201 << 20)), "a.ofd", "OFD 解压后过大"),
        (PDF.replace(b"endobj", b"endobj" + b" " * MAX_BYTES), "a.pdf", "应不超过 20 MB"),
    ],
    ids=range(18),
)
def test_what_a_paper_is_refused_for(data: bytes, name: str, why: str) -> None:
    with pytest.raises(AuditorError) as refused:
        check_paper(data, name)

    assert str(refused.value).startswith(f"{name}: ")
    assert why in str(refused.value)


@given(st.binary(max_size=300), st.sampled_from([b"%PDF-1.4", b"\xff\xd8\xff", b"PK\x03\x04", b""]))
def test_no_file_breaks_the_check(data: bytes, start: bytes) -> None:
    with contextlib.suppress(AuditorError):
        check_paper(start + data, "x.pdf")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The small store with three rights, one of them free."""
    with small_store(tmp_path) as opened:
        head = "软件编号,软件名称,软件类型,许可数量,合同编号,授权凭证编号\n"
        rows = "A-1,WinRAR,商业软件,3,HT-1,\nA-2,AutoCAD,商业软件,1,HT-1,SQ-9\nA-3,WPS Office,商业软件,1,HT-2,\n"
        apply(opened, "licences", head + rows, unit=JT)
        yield opened


def put(store: Store, data: bytes = PDF, name: str = "合同.pdf") -> str:
    with store.begin() as connection:
        paper, _ = add_paper(
            connection,
            data,
            media_type="application/pdf",
            file_name=name,
            kind="contract",
            number="HT-1",
            remarks=None,
            now=NOW,
            by="李芳",
        )
    return paper.digest


def test_a_file_is_kept_once_by_its_digest(store: Store) -> None:
    first, second = put(store), put(store, name="另一个名字.pdf")

    with store.read() as connection:
        assert first == second == sha256_hex(PDF)
        assert paper_content(connection, first) == PDF
        assert find_paper(connection, first[:6]).file_name == "合同.pdf"
        assert find_paper(connection, "HT-1").added_by == "李芳"
        with pytest.raises(AuditorError, match="没有这份凭证"):
            find_paper(connection, "%%%%")


def test_a_contract_proves_every_right_bought_under_it(store: Store) -> None:
    digest = put(store)
    with store.begin() as connection:
        assert link_paper(connection, digest, Subject("contract", "HT-1"), now=NOW, by=None)
        assert not link_paper(connection, digest, Subject("contract", "HT-1"), now=NOW, by=None)
        held = rights(store)
        proved = papers_of_rights(connection, held)
        shown = {right.code: right.paper for right in with_papers(connection, held)}

    assert {right.code: proved.get(right.id) for right in held} == {"A-1": (digest,), "A-2": (digest,), "A-3": None}
    assert shown == {"A-1": digest[:12], "A-2": "SQ-9", "A-3": None}


def test_an_audit_sees_which_rights_a_file_proves(store: Store) -> None:
    """The finding 有授权无凭证 rests on the frozen rights."""
    digest = put(store)
    with store.begin() as connection:
        link_paper(connection, digest, Subject("right", "A-1", "JT"), now=NOW, by=None)
        manifest, _ = freeze(connection, load_settings(), shipped(), on=DAY)
        frozen = value_from(get_blob(connection, manifest.parts["entitlements"]), tuple[Entitlement, ...])

    assert {right.code: right.paper for right in frozen} == {"A-1": digest[:12], "A-2": "SQ-9", "A-3": None}


def test_a_link_that_is_taken_away_stays_in_history(store: Store) -> None:
    digest = put(store)
    subject = Subject("right", "A-1", "JT")
    with store.begin() as connection:
        link_paper(connection, digest, subject, now="2026-03-02T00:00:00Z", by="李芳")
        unlink_paper(connection, digest, subject, now="2026-03-03T00:00:00Z", by="王敏")
        assert links_of(connection, paper=digest) == []
        assert [link.unlinked_by for link in links_of(connection, paper=digest, with_ended=True)] == ["王敏"]
        assert [(e.at[:10], e.act, e.by) for e in history_of(connection, "A-1")][1:] == [
            ("2026-03-02", "paper_linked", "李芳"),
            ("2026-03-03", "paper_unlinked", "王敏"),
        ]
        with pytest.raises(AuditorError, match="没有关联"):
            unlink_paper(connection, digest, subject, now=NOW, by=None)
