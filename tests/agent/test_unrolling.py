"""The installed form of the agent: its dataclasses written out, and what they do the same as that of the source."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from agent.deploy.staging import stage
from agent.deploy.unrolling import SUPPORT, unroll

CAPTURES = Path(__file__).parents[1] / "captures"
LISTING = """
import importlib, inspect, json, sys
sys.path.insert(0, sys.argv[1])
told = {}
for module in sys.argv[2:]:
    for name, kind in sorted(vars(importlib.import_module(module)).items()):
        if isinstance(kind, type) and kind.__module__ == module and "__dataclass_fields__" in vars(kind):
            parameters = list(inspect.signature(kind).parameters.values())
            told["%s.%s" % (module, name)] = [[each.name, each.default is not each.empty] for each in parameters]
print(json.dumps(told))
"""
SOURCE = '''"""A module."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Point:
    """Two numbers, and what is not shown."""

    x: int
    y: int = 2
    secret: str = field(default="s", repr=False)
    note: tuple = field(default=(), compare=False)

    def __post_init__(self) -> None:
        assert self.x is not None

    @property
    def both(self) -> int:
        return self.x + self.y


# between
@dataclass
class Heap:
    name: str
    members: list = field(default_factory=list)
'''


def modules() -> List[str]:
    root = Path(__file__).parents[2]
    files = [each for each in (root / "agent").rglob("*.py") if "deploy" not in each.parts]
    texts = {each: each.read_text(encoding="utf-8") for each in files}
    return sorted(
        ".".join(each.relative_to(root).with_suffix("").parts) for each in files if "@dataclass" in texts[each]
    )


def test_every_dataclass_takes_the_same_values_written_out(tmp_path: Path) -> None:
    stage(str(tmp_path))
    command = [sys.executable, "-I", "-c", LISTING, str(tmp_path), *modules()]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    wanted: Dict[str, Any] = {}
    for module in modules():
        for name, kind in vars(importlib.import_module(module)).items():
            if isinstance(kind, type) and kind.__module__ == module and "__dataclass_fields__" in vars(kind):
                parameters = inspect.signature(kind).parameters.values()
                wanted["%s.%s" % (module, name)] = [[e.name, e.default is not e.empty] for e in parameters]
    assert len(wanted) > 80
    assert told == wanted


def test_what_is_installed_starts_without_the_module(tmp_path: Path) -> None:
    stage(str(tmp_path))
    code = "import sys; sys.path.insert(0, sys.argv[1]); import agent.cli, agent.scan, agent.collectors.roster; "
    code += "print('dataclasses' in sys.modules, 'inspect' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(tmp_path)], check=True, stdout=subprocess.PIPE)
    assert done.stdout.split() == [b"False", b"False"]


@pytest.mark.parametrize(
    "machine", ["debian-12", "uos-20-laptop", "windows-10-office", "macos-14", "kylin-v10-desktop"]
)
def test_a_recorded_machine_gives_the_same_document(tmp_path: Path, machine: str) -> None:
    stage(str(tmp_path / "staged"))
    documents = []
    for place in (tmp_path / "staged", Path(__file__).parents[2]):
        command = [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "]
        command[-1] += "from agent.__main__ import main; main()"
        command += [str(place), "scan", "--root", str(CAPTURES / machine), "--output", "-", "--state"]
        done = subprocess.run([*command, str(tmp_path / "state"), "--deep"], check=False, stdout=subprocess.PIPE)
        document = json.loads(done.stdout)
        del document["collected_at"]
        for run in document["coverage"]:
            run.pop("took_ms", None)
        documents.append(document)
    assert documents[0] == documents[1]
    assert documents[0]["coverage"]


def written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dict[str, Any]:
    (tmp_path / "staged_support.py").write_text(SUPPORT, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = unroll(SOURCE, "points.py")
    text = text.replace("from agent import unrolled as", "import staged_support as").replace(
        "agent.unrolled", "staged_support"
    )
    found: Dict[str, Any] = {"__name__": "json"}
    exec(compile(text, "points.py", "exec"), found)
    return found


def test_the_classes_behave_as_dataclasses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain: Dict[str, Any] = {"__name__": "json"}
    exec(compile(SOURCE, "points.py", "exec"), plain)
    for found in (plain, written_out(tmp_path, monkeypatch)):
        point = found["Point"](1)
        assert repr(point) == "Point(x=1, y=2, note=())"
        assert point == found["Point"](1, note=(1,)) and hash(point) == hash(found["Point"](1, note=(1,)))
        assert point != found["Point"](1, 3) and point != found["Point"](1, secret="t") and point != (1, 2)
        assert found["replace"](point, y=5).both == 6
        with pytest.raises(AttributeError):
            point.x = 3
        with pytest.raises(AttributeError):
            del point.x
        with pytest.raises(TypeError):
            found["Point"]()
        with pytest.raises(AssertionError):
            found["Point"](None)
        first, second = found["Heap"]("a"), found["Heap"]("b")
        first.members.append(1)
        first.name = "c"
        assert (first.members, second.members, first.name) == ([1], [], "c")
        with pytest.raises(TypeError):
            hash(first)
        assert found["Point"].__doc__ == "Two numbers, and what is not shown."


def test_lines_stay_where_they_were_up_to_the_end_of_a_class() -> None:
    before, after = SOURCE.split("\n"), unroll(SOURCE, "points.py").split("\n")
    assert after.index("class Point:") == before.index("class Point:")
    assert unroll("x = 1\n", "a.py") == "x = 1\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("@dataclass(order=True)\nclass A:\n    x: int\n", "a.py:1: expected @dataclass or @dataclass"),
        ("@other\n@dataclass\nclass A:\n    x: int\n", "a.py:1: expected @dataclass or @dataclass"),
        ("@dataclass\nclass A(B):\n    x: int\n", "a.py: A: expected a dataclass without a base"),
        (
            "@dataclass\nclass A:\n    @dataclass\n    class B:\n        x: int\n",
            "expected no dataclass inside a class",
        ),
        ("from dataclasses import (\n    dataclass,\n)\n", "expected dataclasses to be imported in one line"),
    ],
)
def test_what_is_not_understood_stops_the_building(source: str, told: str) -> None:
    with pytest.raises(ValueError) as fault:
        unroll(source, "a.py")
    assert told in str(fault.value)
