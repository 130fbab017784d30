"""A menu entry describes its package: it neither waits in the queue nor makes a second copy, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

from builders import World, product

from auditor.core.copies import CopyReader, copies_of
from auditor.core.model import TitleId
from auditor.core.organisation import UnitTree
from rules.product import Category, Kind, LicenceClass, Product
from rules.recognised import Recognition
from rules.title import Title

CAD = product("maker/cad", lines=("2023", "2024"))
VIEWER = product("maker/viewer")


def known(world: World, of: Product, title: Title, *, line: str | None = None) -> TitleId:
    number = world.title(of, line=line)
    world.titles[number] = title
    return number


def without_product(world: World, title: Title, kind: Kind = Kind.APPLICATION) -> TitleId:
    number = TitleId(len(world.titles) + 1)
    world.titles[number] = title
    world.recognitions[number] = Recognition(
        group=f"unknown:{title.source}:{title.name}",
        name=title.name,
        kind=kind,
        licence_class=LicenceClass.UNKNOWN,
        category=Category.OTHER,
        confidence=0.0,
    )
    return number


def package(key: str) -> Title:
    return Title("linux", "dpkg", key, version="1.0-1", identifier=key)


def entry(name: str, parent: str | None) -> Title:
    return Title("linux", "desktop_entries", name, identifier=name + ".desktop", parent=parent)


def seen(world: World, *titles: TitleId) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Return (product, line) of the copies on a machine with these titles, and the names in the queue."""
    machine = world.machine(*titles)
    tree = UnitTree(tuple(world.units))
    copies, _ = copies_of(machine, world.titles, world.recognitions, world.products, tree)
    queue = CopyReader(world.titles, world.recognitions, world.products, tree).unrecognised([machine])
    return [(copy.product, copy.line) for copy in copies], [line.name for line in queue]


def test_what_a_copyright_file_says_is_no_second_piece_of_software() -> None:
    world = World()
    cad = known(world, CAD, package("maker-cad"))
    licences = without_product(world, Title("linux", "debian_copyright", "maker-cad", parent="maker-cad"))

    assert seen(world, cad, licences) == ([("maker/cad", None)], [])


def test_an_unknown_entry_of_a_package_is_not_in_the_queue() -> None:
    world = World()
    vim = without_product(world, package("vim-common"), Kind.SYSTEM_PART)
    menu = without_product(world, entry("Vim", "vim-common"))

    assert seen(world, vim, menu) == ([], [])


def test_an_unknown_package_waits_once() -> None:
    world = World()
    tool = without_product(world, package("com.unit.tool"))
    menu = without_product(world, entry("盘点", "com.unit.tool"))
    shop = without_product(world, replace(package("com.unit.tool"), source="opt_apps", name="物资盘点"))

    assert seen(world, tool, menu, shop) == ([], ["com.unit.tool"])


def test_an_entry_whose_package_is_elsewhere_stands_for_itself() -> None:
    world = World()
    without_product(world, package("cad"))
    stray = without_product(world, entry("盘点", "cad"))
    alone = known(world, CAD, entry("CAD 2024", "cad"), line="2024")

    assert seen(world, stray, alone) == ([("maker/cad", "2024")], ["盘点"])


def test_an_entry_and_its_package_are_one_copy_that_knows_the_line() -> None:
    world = World()
    vague = known(world, CAD, package("cad"))
    menu = known(world, CAD, entry("CAD 2024", "cad"), line="2024")

    assert seen(world, vague, menu) == ([("maker/cad", "2024")], [])


def test_an_entry_that_contradicts_its_package_makes_no_second_copy() -> None:
    world = World()
    owner = known(world, CAD, package("cad"), line="2024")
    menu = known(world, CAD, entry("CAD 2023", "cad"), line="2023")
    other = known(world, VIEWER, entry("Viewer", "cad"))

    assert seen(world, owner, menu, other) == ([("maker/cad", "2024")], [])


def test_a_product_that_only_the_entry_of_an_unknown_package_shows_counts() -> None:
    world = World()
    owner = without_product(world, package("xyz"))
    menu = known(world, CAD, entry("CAD 2024", "xyz"), line="2024")

    assert seen(world, owner, menu)[0] == [("maker/cad", "2024")]


def test_an_entry_of_the_distributions_own_package_is_a_line_of_the_system() -> None:
    world = World()
    owner = without_product(world, package("vim"), Kind.SYSTEM_PART)
    menu = known(world, VIEWER, entry("Viewer", "vim"))

    assert seen(world, owner, menu) == ([], [])
