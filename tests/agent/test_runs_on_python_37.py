"""A static check of everything under agent/: the grammar of Python 3.7, and no library but the standard one."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = sorted((PROJECT / "agent").rglob("*.py"))
OPTIONAL = {"psutil", "requests", "urllib3", "cryptography"}
"""Used when present; imported inside `try: … except ImportError`."""
NEWER_MODULES = {"zoneinfo", "graphlib", "tomllib", "importlib.metadata", "importlib.resources"}
NEWER_METHODS = {"removeprefix", "removesuffix", "is_relative_to", "readlink_", "with_stem", "bit_count"}
NEWER_TYPING = {"Protocol", "Literal", "TypedDict", "Final", "Annotated", "ParamSpec", "Self", "TypeAlias"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_is_python_37(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, str(path)) if sys.version_info < (3, 8) else ast.parse(text, feature_version=(3, 7))

    guarded = _guarded(tree)
    for node in ast.walk(tree):
        for name in _imported(node):
            top = name.partition(".")[0]
            assert top == "agent" or top in _standard_library() or (top in OPTIONAL and node in guarded), name
            assert name not in NEWER_MODULES, name
        if isinstance(node, ast.ImportFrom) and node.module in ("typing", "typing_extensions"):
            assert not NEWER_TYPING & {alias.name for alias in node.names}, ast.dump(node)
        if isinstance(node, ast.Attribute):
            assert node.attr not in NEWER_METHODS, node.attr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_annotations_are_never_evaluated(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not tree.body:
        return
    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert [alias.name for node in future for alias in node.names] == ["annotations"]
    for node in ast.walk(tree):  # outside annotations, `list[int]` would be evaluated
        if isinstance(node, ast.Assign):
            for part in ast.walk(node.value):
                if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
                    assert part.value.id not in ("list", "dict", "tuple", "set", "frozenset", "type"), node.lineno


def test_nothing_happens_at_import() -> None:
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            calls = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            assert not calls, "%s:%d" % (path, node.lineno)


def test_the_version_is_that_of_the_distribution() -> None:
    from agent.version import AGENT_VERSION

    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert '\nversion = "%s"\n' % AGENT_VERSION in text


def _imported(node: ast.AST) -> list[str]:
    """Return the modules that one statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative import"
        return [node.module or ""]
    return []


def _guarded(tree: ast.AST) -> set[ast.AST]:
    """Return the statements that stand in a `try` which catches ImportError."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(
            isinstance(handler.type, ast.Name) and handler.type.id == "ImportError" for handler in node.handlers
        ):
            found.update(part for statement in node.body for part in ast.walk(statement))
    return found


def _standard_library() -> set[str]:
    """Return the names of the standard library's modules that exist in Python 3.7 on any system."""
    named = getattr(sys, "stdlib_module_names", None)
    if named is not None:
        return set(named)
    import sysconfig

    folder = Path(sysconfig.get_paths()["stdlib"])
    files = {path.stem for path in folder.glob("*.py")} | {path.name for path in folder.iterdir() if path.is_dir()}
    extensions = {path.name.partition(".")[0] for path in (folder / "lib-dynload").glob("*.so")}
    return files | extensions | set(sys.builtin_module_names) | {"winreg", "msvcrt"}
