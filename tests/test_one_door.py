"""One library, one door: which file may import which library. A new dependency is one row here."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ("agent", "rules", "reports", "auditor")

DOORS: dict[str, tuple[str, ...]] = {
    # library: files or folders that may import it
    "psutil": ("agent/machine", "agent/doctor.py"),  # the doctor says whether it is used
    "requests": ("agent/connection.py", "auditor/notices/http.py"),
    "urllib3": ("agent/connection.py",),  # comes with requests
    "yaml": ("rules/yaml_file.py", "reports/wording.py"),
    "packaging": ("rules/versions.py",),
    "re2": ("rules/matching.py",),
    "msgspec": ("auditor/intake", "auditor/server", "auditor/proof/values.py", "auditor/store/pictures.py"),
    "argon2": ("auditor/proof/passwords.py",),
    "ldap3": ("auditor/accounts/directory.py",),
    "apscheduler": ("auditor/scheduling/clock.py",),
    "litestar": ("auditor/server",),
    "uvicorn": ("auditor/server",),
    "sqlalchemy": ("auditor/store",),
    "alembic": ("auditor/store",),
    "psycopg": ("auditor/store/engines/postgresql.py",),
    "highspy": ("auditor/core/allocation/solver.py",),
    "numpy": ("auditor/core/allocation/solver.py", "auditor/core/allocation/network.py"),  # HiGHS takes its matrices so
    "cryptography": (
        "auditor/proof/sealing.py",
        "auditor/proof/signing.py",
        "agent/export.py",  # the agent's extra `seal`
    ),
    "defusedxml": ("auditor/intake/foreign/xml_tree.py",),
    "zstandard": ("auditor/intake/unpacking.py",),
    "python_calamine": ("auditor/intake/tables.py",),
    # the second: the sandbox of the Word templates
    "jinja2": ("reports/to_html.py", "reports/docx_template.py", "auditor/console/rendering.py"),
    "docxtpl": ("reports/docx_template.py",),
    "markupsafe": ("reports/to_html.py",),  # comes with jinja2
    "docx": ("reports/to_docx.py",),
    "typst": ("reports/to_pdf.py",),
    "xlsxwriter": ("reports/to_xlsx.py", "reports/register_xlsx.py"),
    "typer": ("auditor/cli.py", "auditor/commands"),
    "rich": ("auditor/cli.py", "auditor/commands"),
    "winreg": ("agent/machine/windows.py",),
}


def outside_imports(path: Path) -> set[str]:
    """Return the top-level names that a file imports from outside the house and the standard library."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module.split(".")[0])
    return {name for name in found if name not in HOUSE and (name not in sys.stdlib_module_names or name in DOORS)}


def test_each_library_comes_in_by_its_door() -> None:
    strays = []
    for package in HOUSE:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for name in sorted(outside_imports(path)):
                doors = DOORS.get(name, ())
                if not any(place == door or place.startswith(door + "/") for door in doors):
                    strays.append(f"{place} imports {name}")
    assert strays == []


def test_every_door_is_used() -> None:
    used = {name for package in HOUSE for path in (ROOT / package).rglob("*.py") for name in outside_imports(path)}
    assert sorted(set(DOORS) - used - {"markupsafe"}) == []
