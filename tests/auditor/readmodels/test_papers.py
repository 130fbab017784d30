"""The papers of a run against figures worked out by hand from small worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from builders import HEAD_OFFICE, World, product

from auditor.core.ledger_acts import PriceLine
from auditor.core.model import MachineState, ProductId, ScopeState, Unit, UnitCode, UnitKind
from auditor.core.reconcile import reconcile
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.comparison import comparison, trends
from auditor.readmodels.papers.domestic import quarter_start
from auditor.readmodels.papers.roster import PAPERS
from auditor.readmodels.plan import own_plan_form
from reports.forms.papers import PAPERS as LAYOUTS
from reports.forms.papers import lay_out
from reports.model import Name, Proof
from reports.paper import Cell, Code, Link, Paper, Section, Share
from rules.product import Category, Kind, LicenceClass, Publisher

SYSTEM = product("a/system", category=Category.OPERATING_SYSTEM, kind=Kind.OPERATING_SYSTEM)
OFFICE = product("b/office", category=Category.OFFICE, kind=Kind.SUITE)
SUITE = product("c/suite", category=Category.OFFICE, kind=Kind.SUITE)
CAD = product("c/cad", category=Category.INDUSTRIAL)
PRIVATE = product("b/private", licence_class=LicenceClass.PERSONAL_FREE)
HOLDERS = {
    "a": Publisher("a", "甲", "A"),
    "b": Publisher("b", "乙", "B", "US"),
    "c": Publisher("c", "丙", "C", "CN"),
}


def view_of(world: World, run: str = "5f2c") -> RunView:
    facts = world.facts()
    proof = Proof(run=run * 16, as_of=world.on, catalogue="a91b" * 16, release="0.1.0")
    return RunView(facts, reconcile(facts), (), proof, publishers=HOLDERS)


def world() -> World:
    """Three PCs: A has everything, B the foreign suite, C is registered and was never seen."""
    made = World()
    system, office, suite = made.title(SYSTEM), made.title(OFFICE), made.title(SUITE)
    cad, private = made.title(CAD, version="7"), made.title(PRIVATE)
    made.machine(system, office, suite, cad, private, code="PC-A")
    made.machine(office, code="PC-B", scopes=(ScopeState("dpkg", "dpkg", "partial", made.on),))
    made.machine(code="PC-C", id=None, last_scan_on=None)
    bought = {"purchased_on": date(2026, 5, 4), "amount": Decimal("900.00"), "ends_on": None}
    made.right(OFFICE, 1, "OF-1", paper="Z-1", **bought)
    made.right(
        SUITE, 5, "SU-1", paper=None, purchased_on=date(2026, 2, 1), amount=Decimal("100.00"), ends_on=date(2026, 7, 30)
    )
    made.right(CAD, 1, "CA-1", paper="Z-3", ends_on=date(2026, 6, 29))
    return made


def bare(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The numbers of a row, without where they lead."""
    return tuple(cell.value if isinstance(cell, Link) else cell for cell in cells)


def section(paper: Paper, key: str) -> Section:
    (found,) = (each for each in paper.sections if each.key == key)
    return found


def rows(kind: str, key: str, made: World | None = None) -> list[tuple[Cell, ...]]:
    return list(section(PAPERS[kind](view_of(made or world()), HEAD_OFFICE), key).rows)


def facts(kind: str, key: str) -> dict[str, str | int | Name]:
    return dict(section(PAPERS[kind](view_of(world()), HEAD_OFFICE), key).facts)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("made", [world(), World(), World(units=[])], ids=["full", "bare", "no units"])
def test_every_paper_is_laid_out_with_all_its_sentences(kind: str, language: str, made: World) -> None:
    view = view_of(made)
    book = lay_out(PAPERS[kind](view, view.tree.legal_entity_of(None)), language, "official")
    for sheet in book.sheets:
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)


def test_every_layout_has_a_builder_and_no_builder_lacks_a_layout() -> None:
    assert {*PAPERS, "comparison", "trends"} == {layout.key for layout in LAYOUTS}


def test_domestic_shares_by_copies_by_machines_and_by_money_stay_apart() -> None:
    copies = {row[0]: bare(row[1:]) for row in rows("domestic", "copies")}
    assert copies[Code("rate", "office")] == (Share(1, 3), 1, 2, 0, 3)
    assert copies[Code("rate", "operating_system")] == (Share(0, 1), 0, 0, 1, 1)  # a community's
    machines = {row[0]: row[1:] for row in rows("domestic", "machines")}
    assert machines[Code("rate", "office")] == (Share(0, 2), 0, 2, 0, 2)  # PC-A has a foreign one too
    money = {row[0]: row[1:] for row in rows("domestic", "money")}
    assert money[Code("rate", "office")] == (Share(0, Decimal("900.00")), 0, Decimal("900.00"), 0, Decimal("900.00"))


@pytest.mark.parametrize(("on", "first"), [((2026, 1, 1), 1), ((2026, 6, 30), 4), ((2026, 12, 31), 10)])
def test_a_quarter_begins_in_january_april_july_october(on: tuple[int, int, int], first: int) -> None:
    assert quarter_start(date(*on)) == date(2026, first, 1)


def test_statistics_of_office_software() -> None:
    told = {row[0]: bare(row[1:]) for row in rows("statistics", "software")}
    assert told[Code("rate", "office")] == (
        3,  # computers in scope
        "6",
        3,
        2,
        "1",
        1,
        6,
        5,
        Decimal("1000.00"),
        Decimal("100.00"),
    )
    assert told[Code("rate", "other")][0] is None


def test_demand_is_proposed_from_what_is_missing() -> None:
    told = [(row[2], row[5], row[6]) for row in rows("demand_request", "lines")]
    assert (Name("office", "office"), 1, Code("yes_no", "no")) in told
    assert (Name("cad", "cad"), 1, Code("yes_no", "yes")) in told
    assert (Name("system", "system"), 1, None) in told
    assert all(name != Name("suite", "suite") for name, _, _ in told)


def test_expiry_tells_what_ended_the_day_before_and_what_ends_soon() -> None:
    assert [(row[1], row[6]) for row in rows("expiry", "over")] == [("CA-1", -1)]
    assert [(row[1], row[6]) for row in rows("expiry", "soon")] == [("SU-1", 30)]
    assert facts("expiry", "cover") == {"as_of": "2026-06-30", "over": 1, "soon": 1, "days": 90, "near": 1}


def test_a_right_that_ends_on_the_day_is_not_over() -> None:
    made = world()
    made.rights[2] = replace(made.rights[2], ends_on=made.on)
    assert rows("expiry", "over", made) == []
    assert [row[1] for row in rows("expiry", "soon", made)] == ["CA-1", "SU-1"]


def test_idle_no_paper_personal_and_several_suites() -> None:
    assert [(row[1], row[7]) for row in rows("idle", "positions")] == [(Name("suite", "suite"), "4")]
    assert [row[1] for row in rows("no_paper", "rows")] == ["SU-1"]
    assert [(row[1], row[3]) for row in rows("personal_free", "copies")] == [("PC-A", Name("private", "private"))]
    assert [row[1:4] for row in rows("office_suites", "machines")] == [("PC-A", "总部", 2)]


def test_industrial_software_by_product_and_by_copy() -> None:
    (row,) = rows("industrial", "positions")
    _, name, category, raw, *rest = bare(row)
    assert (name, category, raw, rest[-1]) == (
        Name("cad", "cad"), Code("category", "industrial"), 1, Code("yes_no", "yes")
    )  # fmt: skip
    assert [row[1] for row in rows("industrial", "copies")] == ["PC-A"]


def test_blind_spots_name_computers_and_sources() -> None:
    told = {row[1]: row[3] for row in rows("blind_spots", "machines")}
    assert told == {"PC-B": Code("reason", "partial"), "PC-C": Code("reason", "never_seen")}
    assert [row[1:] for row in rows("blind_spots", "sources")] == [
        ("dpkg", Code("reason", "partial"), Link(1, "machines"))
    ]


def test_the_annual_report_adds_up_the_year_alone() -> None:
    made = world()
    made.right(OFFICE, 9, "OLD", purchased_on=date(2025, 12, 31), amount=Decimal(77))
    funds = section(PAPERS["annual"](view_of(made), HEAD_OFFICE), "funds")
    assert dict(funds.facts) == {
        "year": "2026", "as_of": "2026-06-30", "amount": "1,000.00", "codes": 2, "unpriced": 0
    }  # fmt: skip
    assert funds.rows[1] == (Code("rate", "office"), 2, Decimal("1000.00"), Decimal("100.00"))
    assert [row[1] for row in rows("annual", "purchases", made)] == ["SU-1", "OF-1"]


def test_a_group_names_units_without_data_and_never_counts_them_as_in_order() -> None:
    made = world()
    made.units += [
        Unit(UnitCode("S1"), "甲公司", HEAD_OFFICE, UnitKind.LEGAL_ENTITY),
        Unit(UnitCode("S2"), "乙公司", HEAD_OFFICE, UnitKind.LEGAL_ENTITY),
        Unit(UnitCode("X"), "外单位", None, UnitKind.LEGAL_ENTITY),
    ]
    made.machine(code="S1-1", unit=UnitCode("S1"), id=None, last_scan_on=None)
    paper = PAPERS["roll_up"](view_of(made), HEAD_OFFICE)
    assert [row[1] for row in section(paper, "units").rows] == ["总部"]
    assert [row[1:] for row in section(paper, "missing").rows] == [
        ("甲公司", Code("paper_note", "no_scan")),
        ("乙公司", Code("paper_note", "no_machine")),
    ]
    assert dict(section(paper, "cover").facts)["units"] == 3
    assert paper.coverage.in_scope == 4


def changes(before: World, after: World) -> set[tuple[Cell, Cell, Cell]]:
    paper = comparison(view_of(after, "aaaa"), view_of(before, "bbbb"), HEAD_OFFICE)
    told = section(paper, "copies").rows
    assert dict(section(paper, "copies").facts)["count"] == len(told)
    counted = [row[1] for row in section(paper, "reasons").rows]
    assert sum(int(link.value) for link in counted if isinstance(link, Link)) == len(told)
    return {(row[1], row[2], row[5]) for row in told}


def test_nothing_changed_between_a_run_and_itself() -> None:
    assert changes(world(), world()) == set()


def test_each_change_has_the_first_reason_that_holds() -> None:
    name = Name("office", "office")
    bought = world()
    bought.right(OFFICE, 1, "OF-2", paper="Z-9")
    assert changes(world(), bought) == {("PC-B", name, Code("change", "ledger"))}
    gone = world()
    gone.machines[1] = replace(gone.machines[1], state=MachineState.SCRAPPED)
    assert ("PC-B", name, Code("change", "machine_gone")) in changes(world(), gone)
    removed = world()
    removed.machines[1] = replace(removed.machines[1], installations=())
    assert ("PC-B", name, Code("change", "removed")) in changes(world(), removed)
    assert ("PC-B", name, Code("change", "installed")) in changes(removed, world())
    unseen = world()
    unseen.machines[1] = replace(unseen.machines[1], installations=(), last_scan_on=date(2026, 1, 1))
    assert ("PC-B", name, Code("change", "machine_unseen")) in changes(world(), unseen)
    assert ("PC-B", name, Code("change", "machine_new")) in changes(gone, world())


def test_a_term_that_ran_out_is_a_change_of_the_ledger() -> None:
    before, after = world(), world()
    before.on = date(2026, 6, 29)
    assert ("PC-A", Name("cad", "cad"), Code("change", "ledger")) in changes(before, after)


def test_trends_keep_copies_and_computers_apart() -> None:
    paper = trends([view_of(world(), "bbbb"), view_of(world(), "aaaa")], HEAD_OFFICE)
    told = section(paper, "runs")
    assert [row[2:6] for row in told.rows] == [(Share(2, 4), "2 / 4", Share(2, 3), "2 / 3")] * 2
    assert paper.proof.run == "aaaa" * 16


@pytest.mark.parametrize("kind", ["annual", "self_check"])
def test_every_number_of_copies_leads_to_as_many_rows_that_name_what_they_rest_on(kind: str) -> None:
    paper = PAPERS[kind](view_of(world()), HEAD_OFFICE)
    groups, copies = section(paper, "groups"), section(paper, "copies")
    starts = {
        "groups": dict((mark, row) for row, mark in groups.marks),
        "copies": dict((m, r) for r, m in copies.marks),
    }
    seen = 0
    for row in section(paper, "rates").rows:
        for cell in row:
            if isinstance(cell, Link):
                what, _, verdict = cell.row.partition("-")
                first = starts[cell.section][cell.row]
                assert groups.rows[first][0] == Code("rate", what)
                mine = [each for each in groups.rows if each[0] == Code("rate", what)]
                told = Code("verdict", "genuine_not_counted" if verdict == "excluded" else verdict)
                behind = [each for each in mine if not verdict or each[1] == told]
                if not verdict:  # the copies counted: all but those without need of a right
                    behind = [each for each in mine if each[1] != Code("verdict", "genuine_not_counted")]
                assert sum(int(each[3].value) for each in behind if isinstance(each[3], Link)) == cell.value
                seen += 1
    assert seen >= 4
    for row in groups.rows:
        assert isinstance(row[3], Link)
        first, count = starts["copies"][row[3].row], int(row[3].value)
        listed = copies.rows[first : first + count]
        assert len(listed) == count and len({each[3] for each in listed}) == 1
        assert all(each[8] for each in listed), "a record of the machine's own document"
    named = {(each[1], str(each[6]), str(each[7])) for each in copies.rows}
    assert ("PC-A", "OF-1", "Z-1") in named


def test_the_page_of_a_report_has_every_anchor_that_its_links_name() -> None:
    import re

    from reports.to_html import render_form_html

    for kind in ("annual", "self_check", "statistics", "domestic", "industrial", "roll_up", "comparison"):
        made = view_of(world())
        paper = PAPERS[kind](made, HEAD_OFFICE) if kind != "comparison" else comparison(made, made, HEAD_OFFICE)
        page = render_form_html(paper).decode("utf-8")
        targets = set(re.findall(r'href="#([^"]+)"', page))
        assert targets <= set(re.findall(r' id="([^"]+)"', page)), kind
        assert targets or kind == "comparison"


def test_a_plan_tells_what_is_short_by_release_and_adds_up() -> None:
    made = world()
    older, newer = made.title(CAD, line="2020"), made.title(CAD, line="2024")
    made.machine(older, newer, code="PC-D")
    made.machine(newer, code="PC-E")
    view = replace(view_of(made), prices=[PriceLine(ProductId(CAD.id), "per_device", Decimal("300.00"), line="2024")])
    form = own_plan_form(view, HEAD_OFFICE)

    assert [(line.version, line.quantity, line.amount) for line in form.lines] == [("2024", 3, Decimal("900.00"))]
    lacks = {(each.name, each.version): each for each in form.demand}
    cad = Name("cad", "cad")
    assert (lacks[cad, "2024"].ways, lacks[cad, "2024"].unmet) == ((("buy", 2),), 0)
    assert (lacks[cad, None].ways, lacks[cad, None].unmet) == ((("buy", 1),), 0)  # no release told: any will do
    assert (lacks[cad, "2020"].ways, lacks[cad, "2020"].unmet) == ((), 1)
    for each in form.demand:
        assert each.missing == sum(number for _, number in each.ways) + each.unmet, each
    assert form.unmet == sum(each.unmet for each in form.demand)


def behind(paper: Paper, link: Link, column: int) -> Sequence[tuple[Cell, ...]]:
    """The rows that a number leads to: from its mark on, as long as they say the same in a column."""
    target = section(paper, link.section)
    (first,) = (row for row, mark in target.marks if mark == link.row)
    rows = target.rows[first:]
    return rows[: next((at for at, row in enumerate(rows) if row[column] != rows[0][column]), len(rows))]


def counted(rows: Sequence[tuple[Cell, ...]]) -> int:
    return sum(int(cell.value) if isinstance(cell, Link) else int(str(cell)) for cell in (row[3] for row in rows))


def test_the_shares_of_domestic_software_lead_to_right_holders_copies_and_purchases() -> None:
    paper = PAPERS["domestic"](view_of(world()), HEAD_OFFICE)
    seen = []
    for what, _, *numbers in section(paper, "copies").rows:
        for origin, link in zip(("domestic", "foreign", "unknown"), numbers[:3], strict=True):
            if not isinstance(link, Link):
                assert link == 0
                continue
            of_class = behind(paper, link, 0)
            mine = [row for row in of_class if row[1] == Code("origin", origin)]
            assert of_class[0] == mine[0] and mine[0][0] == what and counted(mine) == link.value
            seen.append((what.code if isinstance(what, Code) else what, origin, link.value))
        all_of_them = numbers[3]
        assert not isinstance(all_of_them, Link) or counted(behind(paper, all_of_them, 0)) == all_of_them.value
    assert ("office", "domestic", 1) in seen and ("office", "foreign", 2) in seen
    for row in section(paper, "groups").rows:
        assert isinstance(row[3], Link)
        assert len(behind(paper, row[3], 3)) == row[3].value, "each copy stands in a row of its own"
    money = {row[0]: row[2:5] for row in section(paper, "money").rows}
    bought = section(paper, "purchases").rows
    for what, amounts in money.items():
        for origin, amount in zip(("domestic", "foreign", "unknown"), amounts, strict=True):
            rows = [row for row in bought if row[3] == what and row[4] == Code("origin", origin)]
            assert sum((row[6] for row in rows if isinstance(row[6], Decimal)), Decimal(0)) == amount


def test_the_numbers_of_the_statistics_lead_to_their_groups() -> None:
    paper = PAPERS["statistics"](view_of(world()), HEAD_OFFICE)
    for row in section(paper, "software").rows:
        copies, genuine = row[3], row[4]
        assert not isinstance(copies, Link) or counted(behind(paper, copies, 0)) == copies.value
        assert not isinstance(genuine, Link) or counted(behind(paper, genuine, 1)) == genuine.value
    assert any(isinstance(row[3], Link) for row in section(paper, "software").rows)


def test_the_numbers_of_a_unit_in_the_roll_up_add_up_from_its_groups() -> None:
    paper = PAPERS["roll_up"](view_of(world()), HEAD_OFFICE)
    names = ("genuine", "counted", "short", "to_verify", "suspected")
    general = {Code("rate", what) for what in ("operating_system", "office", "antivirus")}
    for row in section(paper, "units").rows:
        links = {name: cell for name, cell in zip(names, row[6:], strict=True) if isinstance(cell, Link)}
        assert links
        for name, link in links.items():
            rows = [each for each in behind(paper, link, 0) if each[2] != Code("verdict", "genuine_not_counted")]
            assert {each[0] for each in rows} == {row[1]}
            if name == "counted":
                mine = [each for each in rows if each[1] in general]
            elif name == "genuine":
                mine = [each for each in rows if each[1] in general and each[2] == Code("verdict", "genuine")]
            else:
                mine = [each for each in rows if each[2] == Code("verdict", name)]
            assert counted(mine) == link.value, name


def test_installed_industrial_software_leads_to_its_copies() -> None:
    paper = PAPERS["industrial"](view_of(world()), HEAD_OFFICE)
    (row,) = section(paper, "positions").rows
    assert isinstance(row[3], Link) and len(behind(paper, row[3], 3)) == row[3].value == 1
