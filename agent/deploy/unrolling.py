"""Unrolling: the dataclasses of the agent written out, for the installed form.

A third of what a scan costs before it begins is the module `dataclasses` and what it works out for each class at every
start. It works out the same each time, so it is written down once, when the files are staged: the source stays plain
frozen dataclasses, what is installed has their methods in words. Lines are only added after a class, none is moved.
"""

from __future__ import annotations

import ast
import re
from typing import Dict, Iterator, List, NamedTuple, Optional

MODULE = "agent/unrolled.py"
SUPPORT = '''"""What the written out classes of records share; written when the agent was staged."""


class Made:
    """A default that is made anew for each record."""

    def __init__(self, make):
        self.make = make


def field(default=None, default_factory=None, repr=True, compare=True):
    """Return what stands for a default in the body of a class."""
    return default if default_factory is None else Made(default_factory)


def replace(record, **changes):
    """Return the record with other values in some fields."""
    return type(record)(**{**vars(record), **changes})


def is_dataclass(value):
    """Tell whether a value or a class is one of the records."""
    return hasattr(value, "__dataclass_fields__")


def asdict(value):
    """Return a record as dicts, through lists and tuples of records."""
    if is_dataclass(value):
        return {name: asdict(each) for name, each in vars(value).items()}
    if isinstance(value, (list, tuple)):
        return type(value)(asdict(each) for each in value)
    if isinstance(value, dict):
        return {key: asdict(each) for key, each in value.items()}
    return value


def equal(self, other):
    """Records of one class with the same values are equal."""
    if other.__class__ is not self.__class__:
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in self._compared)


def hashed(self):
    """Equal records have the same hash."""
    return hash(tuple(getattr(self, name) for name in self._compared))


def shown(self):
    """Return the record in words, without what must not be shown."""
    told = ("%s=%r" % (name, getattr(self, name)) for name in self._shown)
    return "%s(%s)" % (type(self).__qualname__, ", ".join(told))


def frozen(self, name, *value):
    """A record does not change."""
    raise AttributeError("cannot assign to field %r" % name)
'''
_DECORATOR = re.compile(r"@dataclass(\(frozen=True\))?$")


class _Field(NamedTuple):
    name: str
    has_default: bool
    is_made: bool
    compared: bool
    shown: bool


def unroll(source: str, name: str) -> str:
    """Return the source of a module with its dataclasses written out; `name` is told in the error.

    Raises `ValueError` for what is not understood: another decorator, a base class, a class inside another.
    """
    lines = source.split("\n")
    body = ast.parse(source, name).body
    for number in range(len(body) - 1, -1, -1):
        node = body[number]
        if not isinstance(node, ast.ClassDef) or not _is_dataclass(node, name):
            continue
        if node.bases:
            raise ValueError("%s: %s: expected a dataclass without a base" % (name, node.name))
        first = _first_line(node)
        frozen = _DECORATOR.match(lines[first - 1])
        if frozen is None or len(node.decorator_list) != 1:
            raise ValueError("%s:%d: expected @dataclass or @dataclass(frozen=True) alone" % (name, first))
        end = _first_line(body[number + 1]) - 1 if number + 1 < len(body) else len(lines)
        while end > first and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        lines[end:end] = _written_out(node, is_frozen=frozen.group(1) is not None)
        lines[first - 1] = ""
    return "\n".join(_with_other_imports(lines, name))


def _is_dataclass(node: ast.ClassDef, name: str) -> bool:
    names = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    inner = [each for each in ast.walk(node) if isinstance(each, ast.ClassDef) and each is not node]
    if any(_is_dataclass(each, name) for each in inner):
        raise ValueError("%s: %s: expected no dataclass inside a class" % (name, node.name))
    return any(isinstance(each, ast.Name) and each.id == "dataclass" for each in names)


def _first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators among it."""
    decorators: List[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno] + [each.lineno for each in decorators])


def _fields(node: ast.ClassDef) -> Iterator[_Field]:
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            told = _told_of(each.value)
            has_default = each.value is not None and (told is None or bool({"default", "default_factory"} & set(told)))
            told = told or {}
            yield _Field(
                each.target.id,
                has_default,
                "default_factory" in told,
                told.get("compare", True),
                told.get("repr", True),
            )


def _told_of(value: Optional[ast.expr]) -> Optional[Dict[Optional[str], bool]]:
    """Return what `field(…)` says of a field, true for what is no literal; `None` when there is no `field(…)`."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name) or value.func.id != "field":
        return None
    return {each.arg: getattr(each.value, "value", True) is not False for each in value.keywords}


def _written_out(node: ast.ClassDef, is_frozen: bool) -> List[str]:
    """Return the lines that stand for the decorator, after the body of the class."""
    fields = list(_fields(node))
    parameters = ["%s=%s" % (each.name, each.name) if each.has_default else each.name for each in fields]
    told = ["", "    __dataclass_fields__ = (%s)" % _tuple(each.name for each in fields)]
    told += ["    _compared = (%s)" % _tuple(each.name for each in fields if each.compared)]
    told += ["    _shown = (%s)" % _tuple(each.name for each in fields if each.shown)]
    told += ["    __eq__, __repr__ = _unrolled.equal, _unrolled.shown"]
    if is_frozen:
        told += ["    __hash__, __setattr__, __delattr__ = _unrolled.hashed, _unrolled.frozen, _unrolled.frozen"]
    told += ["", "    def __init__(%s):" % ", ".join(["self"] + parameters), "        _values = self.__dict__"]
    for each in fields:
        made = "%s.make() if %s.__class__ is _unrolled.Made else " % (each.name, each.name) if each.is_made else ""
        told.append('        _values["%s"] = %s%s' % (each.name, made, each.name))
    if any(isinstance(each, ast.FunctionDef) and each.name == "__post_init__" for each in node.body):
        told.append("        self.__post_init__()")
    return told


def _tuple(names: Iterator[str]) -> str:
    return "".join('"%s", ' % each for each in names).rstrip()


def _with_other_imports(lines: List[str], name: str) -> List[str]:
    """Return the lines with what they take from `dataclasses` taken from the staged module instead."""
    return [_other_import(line, name) if re.match(r"\s*(import|from) dataclasses\b", line) else line for line in lines]


def _other_import(line: str, name: str) -> str:
    taken = re.match(r"from dataclasses import ([\w, ]+)$", line)
    if line == "import dataclasses":
        return "from agent import unrolled as dataclasses"
    if taken is None:
        raise ValueError("%s: %r: expected dataclasses to be imported in one line of its own" % (name, line))
    others = [each for each in taken.group(1).split(", ") if each != "dataclass"]
    more = "; from agent.unrolled import %s" % ", ".join(others) if others else ""
    return "from agent import unrolled as _unrolled" + more
