"""Database instances: which server, version and edition, where, and whether it runs. Nobody signs in to any of them.

Source: SQL Server on Linux: its folder and errorlog (edition, cores in use); Oracle: oratab, the registry, the type of
    installation that its installer wrote down; PostgreSQL and KingbaseES: `PG_VERSION`, settings, registry; MySQL,
    MariaDB, MongoDB: their `--version`; Db2: `db2ls -c`, `db2licm -l`; DM: dm.ini and release folders. One scope a
    kind: `databases:sql_server` … Recorded files: version lines, logs and answers of queries of all of these.
Absent: that kind is neither installed in a place that is known nor running.
Gaps:   SQL Server of Windows, which a collector of its own reads; names of databases and their sizes, options that are
    switched on, limits of cores: a server tells these only to somebody who signs in, so they come from recorded
    answers alone; servers in containers; a copy in another folder that does not run.
"""

from __future__ import annotations

from typing import Callable, Iterator

from agent.collectors.anywhere.database_places import (
    dameng,
    db2,
    kingbase,
    mongodb,
    mysql,
    oracle,
    postgresql,
    sql_server,
)
from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent
from agent.formats.console_text import decode_text
from agent.inventory.databases import DatabaseInstance
from agent.machine.base import Machine, Unreadable

NAME = "databases"
Reader = Callable[[Machine], Iterator["DatabaseInstance | Problem"]]
READERS: tuple[tuple[str, Reader], ...] = (
    ("sql_server", sql_server),
    ("oracle", oracle),
    ("postgresql", postgresql),
    ("mysql", mysql),
    ("mongodb", mongodb),
    ("db2", db2),
    ("dameng", dameng),
    ("kingbase", kingbase),
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the instances, kind by kind."""
    for kind, read in READERS:
        scope = "%s:%s" % (NAME, kind)
        found = list(read(machine))
        if not found:
            yield ScopeAbsent(scope)
            continue
        yield Scope(scope)
        yield from found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded text tells. Raises `Unreadable` for a text of no server that we know."""
    from agent.formats.database_text import kind_in, merged, parse_database_text

    text = decode_text(data)[0]
    told = parse_database_text(text, name)
    kind = told[0].kind if told else kind_in(name)
    if kind is None:
        raise Unreadable(name, "no words of a database server")
    yield Scope("%s:%s" % (NAME, kind))
    for each in merged(told):
        said = dict(vars(each))
        del said["sizes"]
        said["name"] = said["name"] or "default"
        yield DatabaseInstance(scope="%s:%s" % (NAME, each.kind), seen_at=name, **said)


DATABASES = Collector(name=NAME, platforms=frozenset({"linux", "windows"}), collect=collect, parse_file=parse_file)
