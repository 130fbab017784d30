"""The console's pages over a filled store, as each kind of reader gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from console_readers import Reader, readers
from filled_store import HOSTILE, Filled, filled_store
from under_way import supervision_under_way

WEIGHT = 150_000
"""Bytes of a page with what it loads besides itself."""
PAGES = (
    "/", "/units", "/units?q=%E8%AE%BE", "/machines", "/machines?order=copies&verdict=short", "/positions",
    "/positions?only=short", "/positions/why?product=rarlab/winrar", "/findings", "/findings/1",
    "/cases", "/cases?only=open", "/cases/1", "/ledger", "/ledger/1",
    "/batches", "/papers", "/recognition", "/recognition/rules", "/titles", "/products", "/products?only=seen",
    "/products/rarlab/winrar", "/runs", "/forms", "/checks", "/checks/CC-2026-001", "/checks/CC-2026-002",
    "/checks/PD-2026-001", "/checks/CC-2026-001/forms/1", "/checks/PD-2026-001/forms/1", "/hand-ins",
    "/hand-ins/BS-2026-001", "/hand-ins/BS-2026-002", "/hand-ins/received?duty=summary&period=2026",
    "/hand-ins/procurement?period=2026", "/requests",
    "/requests/XQ-2026-001", "/requests/AZ-2026-001", "/cases/bulk-acts", "/cases/overdue",
)  # fmt: skip
VOID = frozenset(("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr", "rect", "path"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """One store for all: the tests only read it."""
    made = filled_store(tmp_path_factory.mktemp("console"))
    supervision_under_way(made)
    return made


@pytest.fixture(scope="module")
def unit_auditor(filled: Filled) -> Iterator[Reader]:
    """The auditor of the whole group's units, who answers for persons too."""
    with readers(filled, roles=("unit_auditor",), units=("JT",)) as reader:
        yield reader


@pytest.fixture(scope="module")
def group_auditor(filled: Filled) -> Iterator[Reader]:
    """Sees every unit, and machine codes in the place of names."""
    with readers(filled, roles=("group_auditor",), units=("*",)) as reader:
        yield reader


@pytest.fixture(scope="module")
def design_auditor(filled: Filled) -> Iterator[Reader]:
    """The auditor of one subsidiary."""
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as reader:
        yield reader


@pytest.fixture(scope="module")
def inspector(filled: Filled) -> Iterator[Reader]:
    """Reads and prints, and changes nothing."""
    with readers(filled, roles=("inspector",), units=("JT",)) as reader:
        yield reader


class Checked(HTMLParser):
    """Reads a page and notes what a page of ours must not have, and the order of its headings."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        self.faults += [f"{tag} {name}" for name in told if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in told):
            self.faults.append(f"inline {tag}")
        if tag in ("link", "script", "img"):
            self.loaded.append(told.get("href") or told.get("src") or "")
        if tag == "a":
            self.links.append(told.get("href") or "")
        if "id" in told:
            self.ids.append(told["id"] or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes what is not open")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_light_and_whole(unit_auditor: Reader, path: str, language: str) -> None:
    answer = unit_auditor.get(path, language=language)
    page = Checked(answer.text)

    assert answer.status_code == 200
    assert page.faults == [] and page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert all(address.startswith("/static/") for address in page.loaded)
    weight = len(answer.content) + sum(len(unit_auditor.get(address).content) for address in set(page.loaded))
    assert weight <= WEIGHT
    assert f'<html lang="{language.replace("_", "-")}">' in answer.text
    closing = (
        "不构成法律结论；疑似项须经人工确认" if language == "zh_CN" else "suspected items must be confirmed by a person"
    )
    assert closing in answer.text
    assert page.headings.count(1) == 1


@pytest.mark.parametrize("path", PAGES)
def test_no_english_page_says_it_in_chinese(unit_auditor: Reader, path: str) -> None:
    """What a ledger or a machine wrote stays as it is; our own words are English: the headings of tables and labels."""
    html = unit_auditor.get(path, language="en").text
    ours = re.findall(r"<(?:th scope=\"col\"|dt|h2|legend|button)[^>]*>([^<]+)<", html)
    assert ours != [] or path in ("/papers", "/batches")
    assert [words for words in ours if re.search(r"[\u4e00-\u9fff]", words)] == []


@pytest.mark.slow
@pytest.mark.slow
def test_every_link_of_the_pages_leads_somewhere(unit_auditor: Reader) -> None:
    """From the first page on, by links alone: positions, copies, evidence, rule, right, paper."""
    seen: set[str] = set()
    waiting = ["/"]
    shapes: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        shape = re.sub(r"[0-9a-f]{12,}|\d+", "#", path.partition("?")[0])
        if path in seen or shapes.get(shape, 0) >= 6:
            continue
        seen.add(path)
        shapes[shape] = shapes.get(shape, 0) + 1
        answer = unit_auditor.get(path)
        assert answer.status_code == 200, path
        if "text/html" in answer.headers["content-type"]:
            links = [link.partition("#")[0] for link in Checked(answer.text).links]
            waiting += [link for link in links if link.startswith("/") and not link.startswith(("/account", "/sign"))]
    for wanted in ("/machines/m#/copies/#", "/positions/why", "/ledger/#", "/titles/#", "/findings/#"):
        assert shapes.get(wanted), wanted


def test_the_figures_are_those_of_the_run(filled: Filled, group_auditor: Reader) -> None:
    """Required = covered + to order + shortage on the page as in the result, summed over the group."""
    found = [p for p in filled.run.result.positions if p.product == "rarlab/winrar"]
    required, covered, short = (sum(getattr(p, name) for p in found) for name in ("required", "covered", "shortage"))
    text = re.sub(r"<[^>]+>", "", group_auditor.get("/positions/why?product=rarlab/winrar").text)
    assert (required, short) == (3, 2)
    assert f"需要 至少 {required} = 已覆盖 {covered} + 待补购 0 + 不足 至少 {short}" in re.sub(r"\s+", " ", text)


def test_coverage_stands_beside_the_rates(group_auditor: Reader) -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", group_auditor.get("/").text)
    assert re.search(r"对应的扫描覆盖率： *80\.00% *\( *4 / 5 台 *\)", text)
    assert re.search(r"整机 *\d+\.\d+% *\d+ / \d+ 台", text)
    assert re.search(r"三类软件合计 *[\d.]+% *\d+ / \d+ 份", text)
    assert "未报单位有限公司" in text
    assert "盗版" not in text and "违规" not in text


def test_hostile_names_are_shown_as_text(unit_auditor: Reader) -> None:
    shown = HOSTILE.replace("\u202e", "\ufffd").replace("\x07", "\ufffd")
    for path in ("/titles", "/machines/m00000001/software", "/recognition"):
        answer = unit_auditor.get(path)
        assert (
            shown in "".join(Checked(answer.text).texts)
        ) or path == "/recognition"  # which cleans names of versions
        assert "<script>alert" not in answer.text and "\u202e" not in answer.text and "\x07" not in answer.text
    assert "<b>有限公司" not in unit_auditor.get("/units").text
    assert "示例设计院&lt;b&gt;有限公司" in unit_auditor.get("/units").text


def test_names_of_persons_are_for_the_units_own_auditor(
    unit_auditor: Reader, group_auditor: Reader, inspector: Reader
) -> None:
    own = unit_auditor.get("/machines/m00000001").text
    assert "张三丰" in own and "zhangsanfeng-pc" in own
    for reader in (group_auditor, inspector):
        for path in (*PAGES, *(f"/machines/m00000001{tail}" for tail in ("", "/software", "/identity", "/copies/0"))):
            text = reader.get(path).text
            assert "张三丰" not in text and "zhangsanfeng" not in text and "lisiguang" not in text, path
        assert "JT-001" in reader.get("/machines").text
        assert "m00000004" in reader.get("/machines").text and "stray" not in reader.get("/machines").text


def test_a_reader_sees_the_own_subtree_alone(design_auditor: Reader) -> None:
    machines = design_auditor.get("/machines").text
    assert "SJ-001" in machines and "JT-001" not in machines
    assert design_auditor.get("/machines/m00000001").status_code == 404
    assert design_auditor.get("/ledger/1").status_code == 404
    assert "JT-001" not in design_auditor.get("/?unit=JT").text  # what may not be seen is not looked at
    assert "示例设计院" in design_auditor.get("/?unit=JT").text
    why = re.sub(r"<[^>]+>|\s+", " ", design_auditor.get("/positions/why?product=rarlab/winrar").text)
    assert re.search(r"需要 *1 *= *已覆盖 *0", why) and "SJ-001" in why and "JT-001" not in why
    for number in range(1, 30):
        answer = design_auditor.get(f"/findings/{number}")
        assert "JT-001" not in answer.text and "JT-002" not in answer.text


def test_filters_and_orders_keep_the_page_by_key(unit_auditor: Reader) -> None:
    text = unit_auditor.get("/machines?q=jt-00").text
    assert "JT-001" in text and "JT-002" in text and "SJ-001" not in text
    assert "没有符合条件的计算机" in unit_auditor.get("/machines?q=100%25_").text
    fewest_first = unit_auditor.get("/machines?order=copies").text
    assert fewest_first.index("SJ-001") < fewest_first.index("WB-001")
    assert "WB-001" in unit_auditor.get("/machines?unseen=never_seen").text
    after = unit_auditor.get("/machines?after=2~2").text
    assert "JT-001" not in after and "SJ-001" in after
    for strange in ("x", "1~2~3", "~", "9" * 300, "nan~1", "1~inf", "%00~1", "'~1"):
        assert unit_auditor.get(f"/machines?after={strange}").status_code == 200


def test_empty_states_teach_the_next_step(tmp_path: Path) -> None:
    from filled_store import empty_store

    store, settings = empty_store(tmp_path)
    with readers((store, settings), roles=("unit_auditor", "administrator"), units=("*",)) as reader:
        first = reader.get("/").text
        assert "还没有核查结果" in first and "zhengban units import" in first and 'href="/batches"' in first
        for path in ("/machines", "/positions", "/ledger", "/findings", "/units"):
            assert "先登记单位、导入台账" in reader.get(path).text
        for path in ("/runs", "/batches", "/agents", "/settings", "/schedules"):
            assert reader.get(path).status_code == 200
    store.close()


def test_an_inspector_changes_nothing(inspector: Reader) -> None:
    assert "/batches/preview" not in inspector.get("/batches").text
    assert inspector.post("/batches", {"register": "licences"}).status_code == 403
    assert inspector.post("/recognition/rule", {}).status_code == 403
    assert inspector.post("/runs", {"as_of": "2026-06-30"}).status_code == 403
    assert inspector.get("/settings").status_code == 403
    assert inspector.get("/agents").status_code == 403
    assert 'href="/settings"' not in inspector.get("/").text


def test_a_page_says_who_may_load_what(unit_auditor: Reader) -> None:
    policy = unit_auditor.get("/").headers["content-security-policy"]
    assert "unsafe-inline" not in policy and "default-src 'none'" in policy
    assert unit_auditor.get("/static/../frame.py").status_code == 404
    assert unit_auditor.get("/static/console.css").headers["etag"]


def test_a_language_stays(unit_auditor: Reader) -> None:
    answer = unit_auditor.get("/machines?language=en&q=JT", follow=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/machines?q=JT"
    assert "zhengban_language=en" in answer.headers["set-cookie"]
