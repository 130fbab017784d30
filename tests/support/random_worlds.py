"""Small organisations by chance, for laws that must hold whatever the registers and the ledger look like."""

from __future__ import annotations

import random
from datetime import date, timedelta

from builders import DAY, World, product

from auditor.core.entitlement import AllowedVersion, FreeSoftware, SoftwareType
from auditor.core.model import (
    JournalKind,
    JournalLine,
    Machine,
    MachineId,
    MachineState,
    Person,
    PersonId,
    ProductId,
    ScopeState,
    SoftwareCode,
    TitleId,
    Unit,
    UnitCode,
    UnitKind,
)
from rules.product import Category, Edition, Kind, LicenceClass, Product

LINES = ("7", "8", "9")
EDITIONS = (Edition("home", "家庭版", "Home", for_organisations=False), Edition("pro", "专业版", "Pro"))
STATES = (*[MachineState.IN_USE] * 8, *MachineState)
UNITS = tuple(UnitCode(letter) for letter in "ABCDE")
PEOPLE = tuple(PersonId(f"p{number}") for number in range(5))


def products(chance: random.Random) -> list[Product]:
    """Return five products: a system with editions, a suite with lines, one by user, a trial, a free one."""
    personal = chance.choice((LicenceClass.FREE, LicenceClass.PERSONAL_FREE, LicenceClass.UNKNOWN))
    system = Kind.OPERATING_SYSTEM
    return [
        product("a/system", lines=LINES, editions=EDITIONS, category=Category.OPERATING_SYSTEM, kind=system),
        product("b/office", lines=LINES, category=Category.OFFICE, kind=Kind.SUITE),
        product("c/cloud", lines=LINES, metric="per_user"),
        product("d/trial", licence_class=LicenceClass.TRIAL, trial_days=chance.choice((30, 400, None))),
        product("e/free", licence_class=personal, metric=None),
    ]


def random_world(seed: int) -> World:
    """Return an organisation of up to 5 units, 8 machines, 8 rights; every choice follows from the seed."""
    chance = random.Random(seed)
    world = World(units=_units(chance))
    made = products(chance)
    titles = [title for one in made for title in _titles(world, one, chance)]
    for _ in range(chance.randrange(9)):
        _machine(world, titles, chance)
    for _ in range(chance.randrange(9)):
        _right(world, chance.choice(made), chance)
    for one in made[3:]:
        if chance.random() < 0.5:
            basis = chance.choice((None, "条款"))
            code = SoftwareCode(f"F{one.id[0]}")
            world.free_list.append(FreeSoftware(_unit(chance), code, one.zh, ProductId(one.id), basis=basis))
    if chance.random() < 0.7:
        codes = [right.code for right in world.rights] or [SoftwareCode("GONE")]
        keys = [assignment.copy.key for assignment in world.reconcile().assignments]
        world.previous = {key: chance.choice([*codes, "GONE"]) for key in keys if chance.random() < 0.7}
    return world


def people_of(world: World) -> tuple[Person, ...]:
    """Return the people of a random world, some of units that are gone."""
    return tuple(Person(id, f"员工{id}", UNITS[number]) for number, id in enumerate(PEOPLE))


def journal_of(world: World, seed: int) -> tuple[JournalLine, ...]:
    """Return a journal that ends in the present state, with removals and returns on the way; some lines are lost."""
    chance = random.Random(seed)
    lines: list[JournalLine] = []
    titles = sorted(world.titles)
    for machine in world.machines:
        if machine.id is None:
            continue
        for item in machine.installations:
            kinds = [JournalKind.OPENING if chance.random() < 0.5 else JournalKind.INSTALLED]
            if chance.random() < 0.3:
                kinds += [JournalKind.REMOVED, JournalKind.INSTALLED]
            for step, kind in enumerate(kinds if chance.random() < 0.9 else []):
                lines.append(_line(len(lines) + 1, machine.id, kind, item.title, item.scope, step, chance))
        if titles and chance.random() < 0.3:
            gone = chance.choice(titles)
            for step, kind in enumerate((JournalKind.INSTALLED, JournalKind.REMOVED)):
                lines.append(_line(len(lines) + 1, machine.id, kind, gone, "gone", step, chance))
    return tuple(lines)


def _line(
    id: int, machine: MachineId, kind: JournalKind, title: TitleId, scope: str, step: int, chance: random.Random
) -> JournalLine:
    recorded = DAY - timedelta(days=30 - step)
    happened = recorded - timedelta(days=chance.randrange(40))
    at = f"{recorded.isoformat()}T08:00:00Z"
    return JournalLine(id, machine, kind, title, None, scope, None, happened, chance.random() < 0.5, at, f"doc{step}")


def _units(chance: random.Random) -> list[Unit]:
    """Trees, forests, circles, parents that are gone, and no unit at all."""
    kinds = (UnitKind.LEGAL_ENTITY, UnitKind.DEPARTMENT)
    parents = (None, None, *UNITS, UnitCode("gone"))
    count = chance.choice((0, 1, 3, 5, 5))
    return [Unit(code, f"单位{code}", chance.choice(parents), chance.choice(kinds)) for code in UNITS[:count]]


def _unit(chance: random.Random) -> UnitCode:
    return chance.choice((*UNITS, *UNITS, UnitCode("gone")))


def _titles(world: World, one: Product, chance: random.Random) -> list[TitleId]:
    editions = [None, *(edition.id for edition in one.editions)]
    lines: tuple[str | None, ...] = tuple(line.id for line in one.lines) or (None,)
    made = [world.title(one, line=line, edition=chance.choice(editions), version=f"{line or 1}.0") for line in lines]
    return [*made, world.title(one, source="applications")] if chance.random() < 0.3 else made


def _machine(world: World, titles: list[TitleId], chance: random.Random) -> Machine:
    chosen = chance.sample(titles, k=min(len(titles), chance.randrange(7)))
    failed = ScopeState("processes", "processes", chance.choice(("complete", "failed")), DAY)
    number = len(world.machines) + 1
    return world.machine(
        *chosen,
        unit=chance.choice((None, _unit(chance), _unit(chance))),
        person=chance.choice((None, *PEOPLE, "left")),
        serial=chance.choice((None, f"SN{number}", "SN1")),
        installed_on=chance.choice((None, date(2026, 6, 10), date(2026, 1, 1))),
        state=chance.choice(STATES),
        scopes=(failed,),
        board_serial=chance.choice((None, "SN2")),
        document=f"digest{number}",
        id=chance.choice((None, MachineId(number), MachineId(number), MachineId(number))),
    )


def _right(world: World, one: Product, chance: random.Random) -> None:
    line = chance.choice((None, *(line.id for line in one.lines)))
    serials = tuple(chance.sample(["SN1", "sn1 ", "SN2", "SN3", "SN4"], k=chance.randrange(1, 4)))
    is_oem = one.id == "a/system" and chance.random() < 0.4
    allowed = [AllowedVersion(name, line=name, basis=chance.choice((None, "合同"))) for name in LINES]
    world.right(
        one,
        chance.randrange(4),
        chance.choice((None, "S001", "X1")) if chance.random() < 0.2 else None,
        unit=_unit(chance),
        shared=chance.random() < 0.4,
        line=line,
        edition=chance.choice((None, *(edition.id for edition in one.editions))),
        allowed=tuple(chance.sample(allowed, k=chance.randrange(3))) if one.lines else (),
        unlimited=not is_oem and chance.random() < 0.1,
        multi_version=chance.random() < 0.3,
        metric="oem" if is_oem else chance.choice(("per_device", one.licensing.metric or "per_device")),
        software_type=SoftwareType.OEM if is_oem else SoftwareType.COMMERCIAL,
        bound_serials=serials if is_oem and chance.random() < 0.8 else (),
        bound_people=(chance.choice(PEOPLE),) if not is_oem and chance.random() < 0.1 else (),
        starts_on=chance.choice((None, None, date(2026, 1, 1), date(2026, 12, 1))),
        ends_on=chance.choice((None, None, None, date(2026, 5, 31), date(2027, 1, 1))),
    )
