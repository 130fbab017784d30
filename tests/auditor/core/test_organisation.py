"""The tree of units: who answers for a machine, whatever state the register is in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.core.model import Unit, UnitCode, UnitKind
from auditor.core.organisation import NO_UNIT, UnitTree

LEGAL, DEPARTMENT = UnitKind.LEGAL_ENTITY, UnitKind.DEPARTMENT
CODES = tuple(UnitCode(letter) for letter in "ABCDEF")


def unit(code: str, parent: str | None = None, kind: UnitKind = DEPARTMENT) -> Unit:
    return Unit(UnitCode(code), code, UnitCode(parent) if parent else None, kind)


def test_a_department_belongs_to_the_nearest_legal_entity_above() -> None:
    tree = UnitTree([unit("A", None, LEGAL), unit("B", "A", LEGAL), unit("C", "B"), unit("D", "A")])
    assert [tree.legal_entity_of(UnitCode(code)) for code in "ABCD"] == ["A", "B", "B", "A"]
    assert (tree.distance(UnitCode("C"), UnitCode("A")), tree.distance(UnitCode("A"), UnitCode("C"))) == (2, None)


def test_a_circle_has_one_root_for_all_its_members() -> None:
    tree = UnitTree([unit("A", "C"), unit("B", "A"), unit("C", "B"), unit("D", "C")])
    assert {tree.legal_entity_of(UnitCode(code)) for code in "ABCD"} == {"A"}
    assert tree.legal_entities() == ("A",)
    assert tree.way_up(UnitCode("D")) == ("D", "C", "B", "A")


def test_a_unit_without_a_legal_entity_above_prints_its_own_forms() -> None:
    tree = UnitTree([unit("A", None, LEGAL), unit("X"), unit("Y", "X")])
    assert tree.legal_entities() == ("A", "X")
    assert tree.legal_entity_of(UnitCode("Y")) == "X"
    assert tree.legal_entity_of(UnitCode("gone")) == tree.legal_entity_of(None) == "A"


def test_without_any_unit_machines_are_nobodys() -> None:
    assert UnitTree(()).legal_entity_of(UnitCode("gone")) == NO_UNIT
    assert UnitTree(()).legal_entities() == ()


@given(st.lists(st.tuples(st.sampled_from([*CODES, UnitCode("?"), None]), st.booleans()), max_size=6))
def test_every_unit_belongs_to_an_entity_that_is_listed(rows: list[tuple[UnitCode | None, bool]]) -> None:
    units = [
        Unit(code, code, parent, LEGAL if legal else DEPARTMENT)
        for code, (parent, legal) in zip(CODES, rows, strict=False)
    ]
    tree = UnitTree(units)
    entities = set(tree.legal_entities())
    assert {tree.legal_entity_of(one.code) for one in units} <= entities
    assert not units or tree.legal_entity_of(None) in entities
    assert UnitTree(units[::-1]).legal_entities() == tree.legal_entities()
