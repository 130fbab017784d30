"""Twenty-five products of Windows Installer, with the suite's own line or without it: one Office is installed."""

from __future__ import annotations

import pytest
from builders import World

from auditor.core.copies import copies_of
from auditor.core.model import MachineFoot, TitleId
from auditor.core.organisation import UnitTree
from rules.compiled import shipped_catalogue
from rules.explaining import reason
from rules.recognition import Recogniser
from rules.suites import suites_by_parts
from rules.title import Title

CATALOGUE = shipped_catalogue(None)
SUITE = "Microsoft Office Professional Plus 2016"
PROGRAMS = ("Access", "Excel", "Groove", "InfoPath", "OneNote", "Outlook", "PowerPoint", "Publisher", "Word")


def parts(line: str, programs: tuple[str, ...] = PROGRAMS) -> list[str]:
    """Names as an installer of Office writes them, Chinese ones."""
    tongues = ("English", "Chinese (Simplified)", "Chinese (Traditional)", "Japanese")
    return [
        *(f"Microsoft {program} MUI (Chinese (Simplified)) {line}" for program in programs),
        *(f"Microsoft Office Proof ({tongue}) {line}" for tongue in tongues),
        f"Microsoft Office Proofing (Chinese (Simplified)) {line}",
        f"Microsoft Office OSM MUI (Chinese (Simplified)) {line}",
        f"Microsoft Office OSM UX MUI (Chinese (Simplified)) {line}",
        f"Microsoft Office Shared MUI (Chinese (Simplified)) {line}",
        f"Microsoft Office Shared Setup Metadata MUI (Chinese (Simplified)) {line}",
        f"Microsoft DCF MUI (Chinese (Simplified)) {line}",
        f"Microsoft Office 64-bit Components {line}",
    ]


def seen(*names: str) -> tuple[list[tuple[str, str | None, str | None, int]], MachineFoot]:
    """Return (product, line, edition, titles) of the copies on a machine that lists these names, and its foot."""
    world, recogniser = World(), Recogniser(CATALOGUE)
    numbers = []
    for number, name in enumerate(names, start=1):
        title = Title("windows", "uninstall_keys", name, "Microsoft Corporation", "16.0.4266.1001")
        world.titles[TitleId(number)] = title
        world.recognitions[TitleId(number)] = recogniser.recognise(title)
        numbers.append(TitleId(number))
    machine = world.machine(*numbers)
    tree = UnitTree(tuple(world.units))
    copies, foot = copies_of(machine, world.titles, world.recognitions, CATALOGUE.products, tree)
    return [(copy.product, copy.line, copy.edition, len(copy.titles)) for copy in copies], foot


def test_the_suite_and_its_parts_are_one_copy() -> None:
    copies, _ = seen(SUITE, *parts("2016"))
    assert copies == [("microsoft/office", "2016", "professional-plus", 1)]


def test_the_parts_alone_are_one_copy_of_an_edition_that_nobody_knows() -> None:
    copies, foot = seen(*parts("2016"))
    assert copies == [("microsoft/office", "2016", None, len(PROGRAMS))]
    assert foot.components == len(parts("2016")) - len(PROGRAMS)


def test_two_lines_are_two_copies() -> None:
    copies, _ = seen(*parts("2010"), *parts("2016"))
    assert [(product, line) for product, line, _, _ in copies] == [
        ("microsoft/office", "2010"),
        ("microsoft/office", "2016"),
    ]


@pytest.mark.parametrize("programs", [("Word",), ("Word", "Excel"), ("Outlook", "OneNote", "Access", "Publisher")])
def test_parts_of_programs_bought_alone_tell_no_suite(programs: tuple[str, ...]) -> None:
    copies, _ = seen(*parts("2016", programs))
    assert copies == []


def test_the_reason_says_that_the_parts_told_it() -> None:
    recogniser = Recogniser(CATALOGUE)
    titles = [Title("windows", "uninstall_keys", name, "Microsoft Corporation") for name in parts("2013")]
    pairs = [(title, recogniser.recognise(title)) for title in titles]
    (told,) = suites_by_parts(pairs, frozenset(), CATALOGUE.products)
    assert "Microsoft Access MUI" in reason(told.recognition)["zh"]
    assert "own entry is not listed" in reason(told.recognition)["en"]
