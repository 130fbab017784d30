"""Packages of Arch Linux and its relatives, read from pacman's local database.

Source: /var/lib/pacman/local/<package>-<version>/desc, fields as `%NAME%` and the lines below it.
    `installed_on` is the day of INSTALLDATE in UTC, `install_date_raw` its seconds since 1970.
    `read` also takes what `pacman -Qi` (in any language) and `pacman -Q` printed.
Absent: the folder does not exist.
Gaps:   the repository that a package came from is not recorded; a database elsewhere (DBPath of pacman.conf) is
    not looked for. A package without name or version is not a record of pacman and becomes a problem.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.spdx import spdx_expression
from agent.formats.unix_time import day_of
from agent.formats.written_day import day_of as written_day
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

if TYPE_CHECKING:
    from agent.formats.package_listing import PackageRow

FOLDER = "/var/lib/pacman/local"
SCOPE = "pacman:" + FOLDER
MAX_DESC_BYTES = 1024 * 1024
_LISTED_NAME = re.compile(
    r"(?:Name|名字|名称|名稱|名前|Nom|Nombre|Nome|Naam|Nazwa|Název|Название|Имя|Назва|이름|İsim|Ad|Nev|Navn|Namn|Nimi)\s*[:：]"
)
_LABELS = {
    "名字": "name",
    "名称": "name",
    "版本": "version",
    "架构": "architecture",
    "软件许可": "licenses",
    "许可": "licenses",
    "组": "groups",
    "打包者": "packager",
    "安装日期": "install date",
    "安装于": "install date",
    "架構": "architecture",
    "軟體授權": "licenses",
    "打包者資訊": "packager",
    "安裝日期": "install date",
    "architektur": "architecture",
    "lizenzen": "licenses",
    "packer": "packager",
    "installiert am": "install date",
    "licences": "licenses",
    "paqueteur": "packager",
    "installé le": "install date",
    "arquitectura": "architecture",
    "licencias": "licenses",
    "empaquetador": "packager",
    "fecha de instalación": "install date",
    "архитектура": "architecture",
    "лицензии": "licenses",
    "сборщик": "packager",
    "дата установки": "install date",
    "アーキテクチャ": "architecture",
    "ライセンス": "licenses",
    "パッケージ作成者": "packager",
    "インストール日付": "install date",
}

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every installed package. Raises `Absent`, `Unreadable` when the folder cannot be listed."""
    members = machine.list_folder(FOLDER)
    if members is None:
        raise Absent(FOLDER)
    yield Scope(SCOPE)
    for member in members:
        if not member.is_folder:
            continue
        path = member.path + "/desc"
        try:
            text = machine.read_text(path, MAX_DESC_BYTES)
        except Unreadable as error:
            yield Problem(path, error.why)
            continue
        if text is None:
            yield Problem(path, "a package without desc")
        else:
            yield from parse_desc(text, seen_at=path)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the package of one recorded desc file, or the packages of a listing by `pacman -Qi` or `pacman -Q`."""
    text = data.decode("utf-8", "replace")
    first = text.lstrip("\ufeff\r\n\t ").partition("\n")[0]
    if _LISTED_NAME.match(first):
        from agent.formats.blocks import blocks_of

        for number, block in enumerate(blocks_of(text), start=1):
            yield from _listed(block, "%s block %d" % (name, number))
        return
    from agent.formats.package_listing import rows_of_pacman

    rows = rows_of_pacman(text)
    yield from (_of_row(row, name) for row in rows)
    if not rows:
        yield from parse_desc(text, seen_at=name)


def _of_row(row: PackageRow, name: str) -> Record:
    return Software(
        source="pacman",
        name=row.name,
        scope=SCOPE,
        seen_at="%s line %d" % (name, row.line),
        version=row.version,
        identifier=row.name,
        per_user=False,
    )


def _listed(block: str, seen_at: str) -> Iterator[Record]:
    """Yield the package of one block of `pacman -Qi`; in a language without labels here, name and version by place."""
    from agent.formats.blocks import fields_of

    told = fields_of(block.replace("：", ":"))
    fields = {_LABELS.get(label, label): value for label, value in told.items()}
    for label, value in zip(("name", "version"), told.values()):
        fields.setdefault(label, value)
    said = {label: value for label, value in fields.items() if value not in ("", "None", "无")}
    name, version, day = said.get("name"), said.get("version"), said.get("install date")
    if name is None or version is None:
        yield Problem(seen_at, "no %s" % ("name" if name is None else "version (%s)" % name))
        return
    yield Software(
        source="pacman",
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        version=version,
        publisher=said.get("packager"),
        identifier=name,
        architecture=said.get("architecture"),
        installed_on=None if day is None else written_day(day),
        install_date_raw=day,
        per_user=False,
        section=said.get("groups"),
        licence=said.get("licenses"),
        spdx=spdx_expression(said.get("licenses", "")),
    )


def parse_desc(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield the package that a desc file describes, or a `Problem` when it lacks name or version."""
    fields = _fields(text)
    name, version = fields.get("NAME", ""), fields.get("VERSION", "")
    if not name or not version:
        yield Problem(seen_at, "no %s" % ("VERSION (%s)" % name if name else "NAME"))
        return
    seconds, size = fields.get("INSTALLDATE", ""), fields.get("SIZE", "")
    yield Software(
        source="pacman",
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        version=version,
        publisher=fields.get("PACKAGER"),
        identifier=name,
        architecture=fields.get("ARCH"),
        installed_on=day_of(_number(seconds)),
        install_date_raw=seconds or None,
        size_bytes=_number(size),
        per_user=False,
        section=fields.get("GROUPS"),
        licence=fields.get("LICENSE"),
        parent=fields.get("BASE"),
        spdx=spdx_expression(fields.get("LICENSE", "")),
    )


def _fields(text: str) -> dict[str, str]:
    """Return the fields; several lines of one are joined by a comma. Empty fields are left out."""
    fields: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (raw.strip() for raw in text.splitlines()):
        if len(line) > 2 and line[0] == "%" and line[-1] == "%":
            lines = fields.setdefault(line[1:-1], [])
        elif line:
            lines.append(line)
    return {name: ", ".join(values) for name, values in fields.items() if values}


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and text.isascii() and len(text) < 20 else None


PACMAN = Collector(name="pacman", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
