"""The floors of the house: a room imports only from below. The table is the one of CONTRIBUTING.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = "agent.inventory"
PLAIN = ("auditor.errors", "auditor.settings", "auditor.release")
"""Open to everybody in `auditor` but the core and the proof."""

FLOORS: dict[str, tuple[str, ...]] = {
    # room: what it may import besides itself; the longest prefix of a module names its room
    "agent.inventory": (),
    "agent.formats": (),
    "agent.machine": ("agent.formats",),  # a running Windows reads the hives of users who are logged off
    "agent": ("agent.inventory", "agent.machine", "agent.formats"),
    "rules": (CONTRACT,),
    "reports": (),
    "auditor.errors": (),
    "auditor.settings": ("auditor.errors",),
    "auditor.release": (),
    "auditor.proof": (),
    "auditor.core": ("rules", CONTRACT),
    "auditor.store": ("auditor.core", "auditor.proof", *PLAIN, "rules", CONTRACT),
    "auditor.audit": (
        "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", CONTRACT,
    ),
    "auditor.intake": (
        "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", CONTRACT,
        "agent.formats", "reports.forms",
    ),
    "auditor.notices": ("auditor.store", "auditor.proof", *PLAIN),
    "auditor.supervision": (
        "auditor.notices", "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", CONTRACT,
    ),
    "auditor.readmodels": (
        "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", CONTRACT,
        "reports",
    ),
    "auditor.console.viewer": (),
    "auditor.accounts": (
        "auditor.console.viewer", "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", CONTRACT,
    ),
    "auditor.scheduling": (
        "auditor.accounts", "auditor.letters", "auditor.issuing", "auditor.audit", "auditor.intake",
        "auditor.supervision", "auditor.notices", "auditor.readmodels", "auditor.store", "auditor.core",
        "auditor.proof", *PLAIN, "rules", "reports", CONTRACT,
    ),
    "auditor.issuing": (
        "auditor.audit", "auditor.readmodels", "auditor.store", "auditor.core", "auditor.proof",
        *PLAIN, "rules", "reports", CONTRACT,
    ),
    "auditor.letters": (
        "auditor.issuing", "auditor.supervision", "auditor.readmodels", "auditor.store", "auditor.core",
        "auditor.proof", *PLAIN, "rules", "reports", CONTRACT,
    ),
    "auditor.console": (
        "auditor.accounts", "auditor.audit", "auditor.intake", "auditor.issuing", "auditor.readmodels",
        "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", "reports", CONTRACT,
    ),
    "auditor.server": (
        "auditor.accounts", "auditor.scheduling", "auditor.console", "auditor.letters", "auditor.issuing",
        "auditor.audit", "auditor.intake", "auditor.supervision", "auditor.notices", "auditor.readmodels",
        "auditor.store", "auditor.core", "auditor.proof", *PLAIN, "rules", "reports", CONTRACT,
    ),
    "auditor.example": (),  # the guided first run speaks to the two programs as a user does
    "auditor": ("auditor", "rules", "reports", CONTRACT),
}  # fmt: skip
HOUSE = ("agent", "rules", "reports", "auditor")


def room_of(module: str) -> str:
    """Return the room of a module: the longest prefix that the table names."""
    parts = module.split(".")
    return next(".".join(parts[:n]) for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in FLOORS)


def imports(path: Path) -> set[str]:
    """Return the modules of the house that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in HOUSE}


def files() -> list[Path]:
    """Return every Python file of the four packages."""
    return sorted(path for package in HOUSE for path in (ROOT / package).rglob("*.py"))


def test_there_is_a_house() -> None:
    assert len(files()) > 50


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_from_below(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    room = room_of(module)
    for name in sorted(imports(path)):
        allowed = any(name == below or name.startswith(below + ".") for below in (room, *FLOORS[room]))
        assert allowed, f"{module} (room {room}) imports {name}"


@pytest.mark.parametrize("path", [p for p in files() if p.name == "__init__.py"], ids=lambda p: str(p.parent.name))
def test_no_circle_hides_in_the_face_of_a_package(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == ""


def test_contributing_tells_the_same_floors() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [re.findall(r"`([^`]+)`", line) for line in page.split("<!-- floors -->")[1].split("\n\n")[0].splitlines()]
    assert {row[0]: tuple(row[1:]) for row in rows if row} == FLOORS
