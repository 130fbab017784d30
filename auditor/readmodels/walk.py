"""Every number walked back by links: cell and position → groups of copies → machine, evidence, rule → right → papers.

A node names its links by ids of other nodes, and nothing else leads on: a page, the console and a JSON reader walk the
same way. A cell is a number of the printed summary (unit, 软件编号); a group is copies that stand alike; the evidence
of a copy is a record of the machine's own document, named by digest and index, and the rule of the catalogue that read
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.core.model import Assignment, Machine, Position, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.reconcile import Facts
from auditor.proof.digest import digest_of
from auditor.store.papers import Paper
from reports.model import WalkNode


@dataclass(frozen=True)
class Walked:
    """What the walk goes through: the count of a day, and the papers of each row of the ledger."""

    facts: Facts
    positions: Sequence[Position]
    """Of units and all below them, or of legal entities: each says which copies it counts by its unit."""
    assignments: Sequence[Assignment]
    papers: Mapping[int, Sequence[Paper]] = field(default_factory=dict)


def walk_of(walked: Walked, *, unit: str | None = None, product: str | None = None) -> tuple[WalkNode, ...]:
    """Return every node that the positions of a unit or product (`None`: of all) lead to, kind by kind."""
    return tuple(_Walk(walked, unit, product).nodes())


def position_id(unit: str, product: str, metric: str) -> str:
    """Return the id of a position."""
    return f"position:{unit}:{product}:{'' if metric in ('per_device', 'per_user') else metric}"


def cell_id(unit: str, code: str) -> str:
    """Return the id of the row of a 软件编号 on the printed summary of a legal entity."""
    return f"cell:{unit}:{code}"


def right_id(row: int) -> str:
    """Return the id of a row of the ledger."""
    return f"right:{row}"


Group = tuple[object, ...]


class _Walk:
    def __init__(self, walked: Walked, unit: str | None, product: str | None) -> None:
        self.walked, self.facts = walked, walked.facts
        self.tree = UnitTree(walked.facts.units)
        self.machines = {machine.key: machine for machine in walked.facts.machines}
        self.rights = {right.id: right for right in walked.facts.entitlements}
        self.positions = [
            one for one in walked.positions if unit in (None, one.unit) and product in (None, one.product)
        ]
        self.groups: defaultdict[Group, list[Assignment]] = defaultdict(list)
        for one in walked.assignments:
            here = self.tree.unit_of(one.copy.department, one.copy.unit)
            below = unit is None or self.tree.distance(here, UnitCode(unit)) is not None
            if below and product in (None, one.copy.product):
                self.groups[self._group(one, here)].append(one)

    def nodes(self) -> Iterable[WalkNode]:
        yield from self._cells()
        yield from (self._position(one) for one in self.positions)
        for key in sorted(self.groups, key=_group_id):
            yield self._of_group(key, self.groups[key])
        copies = sorted((one for mine in self.groups.values() for one in mine), key=lambda one: one.copy.key)
        yield from (self._copy(one) for one in copies)
        evidence = {node.id: node for one in copies for node in self._evidence(one)}
        yield from (evidence[id] for id in sorted(evidence))
        for machine in sorted({one.copy.machine for one in copies}):
            yield self._machine(self.machines[machine])
        for rule in sorted({link for node in evidence.values() for _, link in node.links if link.startswith("rule:")}):
            yield self._rule(rule)
        used = {one.entitlement for one in copies if one.entitlement is not None} | self._owned()
        yield from (self._right(row) for row in sorted(used) if row in self.rights)
        papers = {paper.digest: paper for row in sorted(used) for paper in self.walked.papers.get(row, ())}
        yield from (_paper(papers[digest]) for digest in sorted(papers))

    def _group(self, one: Assignment, here: UnitCode) -> Group:
        copy = one.copy
        told = (one.code, one.entitlement, one.right.value, one.reason and one.reason.value)
        failing = one.failing.value if one.failing is not None else None
        return (here, copy.product, copy.edition, copy.line, *told, failing, one.verdict.value)

    def _owned(self) -> set[int]:
        told = {(self.tree.legal_entity_of(one.unit), one.product) for one in self.positions}
        return {
            right.id
            for right in self.facts.entitlements
            if right.product is not None and (self.tree.legal_entity_of(right.unit), right.product) in told
        }

    def _cells(self) -> Iterable[WalkNode]:
        cells: defaultdict[tuple[str, str], list[Group]] = defaultdict(list)
        for key, mine in self.groups.items():
            if mine[0].code is not None:
                cells[(mine[0].copy.unit, mine[0].code)].append(key)
        for (unit, code), keys in sorted(cells.items()):
            copies = [one for key in keys for one in self.groups[key]]
            facts = (("unit", unit), ("code", code), ("installed", str(len(copies))),
                     ("over", str(sum(one.over for one in copies))))  # fmt: skip
            links = [("group", _group_id(key)) for key in keys]
            yield WalkNode(cell_id(unit, code), "cell", f"{unit} {code}", facts, tuple(sorted(links)))

    def _position(self, one: Position) -> WalkNode:
        facts = (
            ("unit", str(one.unit)),
            ("metric", one.metric),
            ("raw", str(one.raw)),
            ("required", str(one.required)),
            ("covered", str(one.covered)),
            ("to_order", str(one.to_order)),
            ("shortage", str(one.shortage)),
            ("surplus", str(one.surplus)),
        )
        links = [
            ("group", _group_id(key))
            for key, mine in self.groups.items()
            if one.product in (key[1], self._suite(mine[0]))
            and self.tree.distance(UnitCode(str(key[0])), one.unit) is not None
        ]
        links += [
            ("right", right_id(right.id))
            for right in self.facts.entitlements
            if right.product == one.product and self.tree.distance(right.unit, one.unit) is not None
        ]
        name = f"{one.unit} {one.name}"
        return WalkNode(position_id(one.unit, one.product, one.metric), "position", name, facts, tuple(sorted(links)))

    def _suite(self, one: Assignment) -> str | None:
        right = self.rights.get(one.entitlement or 0)
        return str(right.product) if right is not None and right.suite is not None else None

    def _of_group(self, key: Group, mine: Sequence[Assignment]) -> WalkNode:
        first = mine[0]
        names = ("unit", "product", "edition", "line", "code", "entitlement", "right", "reason", "failing", "verdict")
        told = tuple((name, str(value)) for name, value in zip(names, key, strict=True) if value is not None)
        facts = (("copies", str(len(mine))), *(pair for pair in told if pair[0] != "entitlement"))
        links = [("copy", f"copy:{one.copy.key}") for one in sorted(mine, key=lambda one: one.copy.key)]
        links += [("right", right_id(first.entitlement))] if first.entitlement in self.rights else []
        words = (first.copy.name, first.copy.line, first.copy.edition)
        return WalkNode(_group_id(key), "group", " ".join(word for word in words if word), facts, tuple(links))

    def _copy(self, one: Assignment) -> WalkNode:
        copy = one.copy
        told = (("version", copy.version), ("code", one.code), ("right", one.right.value),
                ("reason", one.reason and one.reason.value), ("failing", one.failing and one.failing.value),
                ("verdict", one.verdict.value), ("note", one.note))  # fmt: skip
        facts = tuple((name, str(value)) for name, value in told if value is not None)
        links = [("machine", f"machine:{copy.machine}")]
        links += [("evidence", node.id) for node in self._evidence(one)]
        links += [("right", right_id(one.entitlement))] if one.entitlement in self.rights else []
        return WalkNode(f"copy:{copy.key}", "copy", f"{copy.name} {copy.version or ''}".strip(), facts, tuple(links))

    def _evidence(self, one: Assignment) -> list[WalkNode]:
        """Return the records that show the copy, then the signs against it."""
        machine = self.machines[one.copy.machine]
        found = []
        for item in machine.installations:
            if item.title in one.copy.titles and item.title in self.facts.titles:
                title, words = self.facts.titles[item.title], self.facts.recognitions[item.title]
                told = (("document", machine.document), ("record", item.record), ("words", title.name),
                        ("version", title.version), ("source", title.source), ("rule", words.rule))  # fmt: skip
                links = [("machine", f"machine:{machine.key}")]
                links += [("rule", f"rule:{words.rule}")] if words.rule else []
                found.append(_line(machine, item.record, told, tuple(links), title.name))
        for sign in one.signs:
            signed = (("document", sign.document), ("record", sign.record), ("words", sign.words), ("rule", sign.rule))
            found.append(_line(machine, f"{sign.record}:{sign.rule}", signed, (("machine", f"machine:{machine.key}"),),
                               sign.words))  # fmt: skip
        return found

    def _machine(self, machine: Machine) -> WalkNode:
        told = (("code", machine.code), ("host_name", machine.host_name), ("unit", machine.unit),
                ("serial", machine.serial), ("place", machine.place), ("document", machine.document),
                ("last_scan_on", machine.last_scan_on))  # fmt: skip
        facts = tuple((name, str(value)) for name, value in told if value is not None)
        name = machine.code or machine.host_name or machine.key
        return WalkNode(f"machine:{machine.key}", "machine", name, facts, ())

    def _rule(self, id: str) -> WalkNode:
        name = id.removeprefix("rule:")
        product = self.facts.products.get(name.partition("#")[0])
        facts: tuple[tuple[str, str], ...] = ()
        if product is not None:
            rule = next((one for one in product.rules if one.id == name.partition("#")[2]), None)
            told = (("product", product.id), ("pattern", rule and rule.name), ("terms", product.licensing.terms))
            facts = tuple((key, str(value)) for key, value in told if value)
        return WalkNode(id, "rule", name, facts, ())

    def _right(self, row: int) -> WalkNode:
        right = self.rights[row]
        told = (("unit", right.unit), ("code", right.code), ("name", right.name), ("metric", right.metric),
                ("quantity", "unlimited" if right.unlimited else right.quantity), ("starts_on", right.starts_on),
                ("ends_on", right.ends_on), ("paper", right.paper), ("contract", right.contract))  # fmt: skip
        facts = tuple((name, str(value)) for name, value in told if value is not None)
        links = tuple(("paper", f"paper:{paper.digest}") for paper in self.walked.papers.get(row, ()))
        return WalkNode(right_id(row), "right", f"{right.unit} {right.code} {right.name}", facts, links)


def _group_id(key: Group) -> str:
    return f"group:{digest_of([str(part) for part in key])[:16]}"


def _line(
    machine: Machine,
    where: str,
    told: Sequence[tuple[str, object]],
    links: tuple[tuple[str, str], ...],
    words: str,
) -> WalkNode:
    facts = tuple((name, str(value)) for name, value in told if value is not None)
    return WalkNode(f"evidence:{machine.key}:{where}", "evidence", words, facts, links)


def _paper(paper: Paper) -> WalkNode:
    told = (("digest", paper.digest), ("kind", paper.kind), ("number", paper.number), ("file_name", paper.file_name),
            ("size_bytes", paper.size_bytes))  # fmt: skip
    facts = tuple((name, str(value)) for name, value in told if value is not None)
    return WalkNode(f"paper:{paper.digest}", "paper", paper.file_name, facts, ())
