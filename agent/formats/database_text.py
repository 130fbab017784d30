"""What a database server says of itself, in a version line, a log or the answer of a query that somebody recorded.

Every reader takes text and returns what it tells, or nothing. Which server a bare number speaks of, only the name of
the recorded file says.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace

from agent.formats.domestic_database_text import domestic_version
from agent.formats.handed_file import as_printed, bounded_lines
from agent.formats.query_answer import json_of_mongo, plain_answer
from agent.formats.whole_number import whole_number
from agent.formats.written_day import day_of

MAX_CHARACTERS = 4 << 20
MAX_DATABASES = 5000

_SQL_SERVER = re.compile(
    r"Microsoft SQL (?:Server\s+)?(?:(?P<year>\d{4}(?: R2)?)|(?P<vnext>vNext)|(?P<azure>Azure))[^\n]*?"
    r" - (?P<version>\d+\.\d+\.\d+(?:\.\d+)?)"
)
_SQL_EDITION = re.compile(
    r"^\s*(?P<edition>[A-Z][\w :,()-]*?(?:Edition(?:: [\w -]+)?|Edition with [\w ]+|Engine(?: \(MSDE\))?))"
    r"\s*(?:\(64-bit\)|\(32-bit\)|on (?:Windows|Linux))",
    re.MULTILINE,
)
_SQL_SERVICE = re.compile(r"^\s*(?P<product>SQL Server \d{4}(?: R2)?)\s*$", re.MULTILINE)
_SQL_CORES = re.compile(
    r"SQL Server detected (?P<sockets>\d+) sockets? with (?P<cores>\d+) cores? per socket and (?P<threads>\d+) logical "
    r"processors? per socket, (?P<total>\d+) total logical processors?; using (?P<used>\d+) logical"
)
_SQL_ROW = re.compile(r"^(?P<name>[^;\n\t]{1,128})[;\t]\d{4}-\d\d-\d\d [\d:.]+[;\t]\s*(?P<state>\d)\s*$", re.MULTILINE)
_SQL_PROPERTY = re.compile(
    r"^\s*(?P<name>Edition|ProductVersion|ProductLevel|InstanceName|LicenseType)\s*[:=\t;|]\s*(?P<value>\S.*?)\s*$",
    re.MULTILINE,
)
_MARIADB = re.compile(r"(?P<version>\d+\.\d+\.\d+)[\w.~+-]*-MariaDB[\w.~+-]*", re.IGNORECASE)
_MYSQL = re.compile(
    r"mysqld?\S*\s+Ver (?:\d+\.\d+ Distrib )?(?P<version>\d+\.\d+\.\d+)\S* for .*?\((?P<edition>.*)\)\s*$"
    r"|mysqld?\S*\s+Ver \d+\.\d+ Distrib (?P<old>\d+\.\d+\.\d+)",
    re.IGNORECASE | re.MULTILINE,
)
_MYSQL_VARIABLE = re.compile(r"^\s*\|?\s*version\s*[|\t]\s*(?P<version>\d+\.\d+\.\d+[^\s|]*)", re.MULTILINE)
_MYSQL_COMMENT = re.compile(r"^\s*\|?\s*version_comment\s*[|\t]\s*(?P<edition>[^|\n]+?)\s*\|?\s*$", re.MULTILINE)
_POSTGRES = re.compile(r"(?:PostgreSQL\)? (?P<version>\d+(?:\.\d+)*(?:beta\d|rc\d)?))")
_POSTGRES_ROW = re.compile(r"^\s*(?P<name>[^,|\t\n]{1,63}?)\s*[,|\t]\s*\d+\s*$", re.MULTILINE)
_KINGBASE = re.compile(
    r"Kingbase(?:ES)?[ )]*(?P<version>V\d{3}R\d{3}C\d{3}[A-Z]?\d*\w*)|KINGBASE \(KingbaseES\) (?P<plain>\S+)",
    re.IGNORECASE,
)
_DAMENG = re.compile(
    r"DM Database Server(?: x?64)?(?: Pack\d+)? V(?P<line>\d+)(?:[ -](?P<build>[\d.-]+\S*))?"
    r"|DM DATABASE SERVER[^\n]*?(?P<alone>V\d\S*)",
    re.IGNORECASE,
)
_DM_VERSION = re.compile(r"(?:\bversion: |^[ \t]*)(?P<version>\d{11}-\d{8}-\d+-\d+)", re.MULTILINE)
_DISQL = re.compile(r"^disql V(?P<line>\d+)", re.MULTILINE)
_MONGO = re.compile(
    r"(?:db version|MongoDB shell version:?|mongod.*version) v?(?P<version>\d+\.\d+\.\d+)"
    r"|\bmongod\b[\s\S]{0,400}?\"?version\"?\s*:\s*[\"'](?P<told>\d+\.\d+\.\d+)",
    re.IGNORECASE,
)
_MONGO_MODULES = re.compile(r"\"?modules\"?\s*:\s*(?P<modules>none|\[[^\]]*\]|\w+)", re.IGNORECASE)
_ORACLE = re.compile(
    r"Oracle (?:AI )?Database (?P<line>\d+\w*)(?: (?P<edition>Enterprise Edition|Standard Edition(?: 2| One)?"
    r"|Express Edition|Personal Edition|Free|EE High Perf|EE Extreme Perf))?[^\n]*?Release (?P<version>\d+(?:\.\d+)+)"
)
_ORACLE_FULL = re.compile(r"^\s*Version (?P<version>\d+(?:\.\d+){4})", re.MULTILINE)
_SQLPLUS = re.compile(r"SQL\*Plus: Release \d[\d.]*[^\n]*\s+Version (\d+(?:\.\d+)+)")
_ORACLE_HOME = re.compile(r"<HOME (?=[^>]*\bTYPE=\"O\")(?![^>]*\bREMOVED=\"T\")[^>]*\bLOC=\"(?P<home>[^\"]+)\"")
_ORATAB = re.compile(r"^(?P<sid>[A-Za-z][A-Za-z0-9_$#]{0,29}|\+ASM\d*):(?P<home>/[^:\n]+):[YNW]\b", re.MULTILINE)
_ORACLE_OPTION = re.compile(r"^\s*(?P<option>[A-Z][A-Za-z0-9 ,&-]{3,60}?)\s*[|;,\t:]\s*TRUE\s*\|?\s*$", re.MULTILINE)
_DB2_LEVEL = re.compile(r"DB2 v(?P<version>\d+(?:\.\d+)+)|DB2/\S+ (?P<of_connection>\d+(?:\.\d+)+)")
_DB2_LS = re.compile(r"^(?P<path>/[^:\n]*):(?P<version>\d+(?:\.\d+)+):[^\n]*$", re.MULTILINE)
_DB2_LS_TABLE = re.compile(r"^(?P<path>/\S+)\s+(?P<version>\d+\.\d+\.\d+\.\d+)\s+\d+", re.MULTILINE)
_DB2_LICENCE = re.compile(
    r"^(?P<name>Product name|License type|Expiry date|Version information|Max number of \w+):"
    r"[ \t]*\"?(?P<value>[^\"\n]*)\"?",
    re.MULTILINE,
)
_FIELD = re.compile(r"^\s*(?P<name>[A-Za-z][A-Za-z0-9 ]*?)\s*= ?(?P<value>.*?)\s*$", re.MULTILINE)
_NUMBER = re.compile(r"^\s*(?P<version>\d+(?:\.\d+){1,4})(?: \([^\n]*\))?\s*$")
_MOMENT = re.compile(r"^\s*(?P<day>\d{4}-\d\d-\d\d) (?P<clock>\d\d:\d\d:\d\d)(?:\.\d+)?(?: ?[+-]\d\d(?::?\d\d)?)?\s*$")
_SIZE = re.compile(r"^\s*(?P<number>\d+(?:\.\d+)?) ?(?P<unit>bytes|kB|KB|MB|GB|TB)\s*$")
_UNITS = {"bytes": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
_KINDS = (
    ("sql_server", ("sql-server", "sqlserver", "mssql")),
    ("mariadb", ("mariadb",)),
    ("mysql", ("mysql",)),
    ("postgresql", ("postgres", "pgsql")),
    ("mongodb", ("mongo",)),
    ("db2", ("db2",)),
    ("oracle", ("oracle", "sqlplus")),
    ("kingbase", ("kingbase", "ksql")),
    ("dameng", ("dameng", "disql", "dmserver")),
)


@dataclass(frozen=True)
class DatabaseTold:
    """What one text tells of one server; the fields mean what those of `DatabaseInstance` mean."""

    kind: str
    name: str | None = None
    product: str | None = None
    version: str | None = None
    edition: str | None = None
    state: str | None = None
    port: int | None = None
    location: str | None = None
    databases: tuple[str, ...] = ()
    size_bytes: int | None = None
    started_at: str | None = None
    cores_used: int | None = None
    options: tuple[str, ...] = ()
    licence_model: str | None = None
    sizes: tuple[int, ...] = field(default=(), compare=False)
    """Sizes of single databases, not yet added up."""


def kind_in(name: str) -> str | None:
    """Return the kind of server that the name of a recorded file speaks of."""
    low = re.split(r"[\\/]", name)[-1].lower()
    return next((kind for kind, words in _KINDS if any(word in low for word in words)), None)


def parse_database_text(text: str, name: str = "") -> tuple[DatabaseTold, ...]:
    """Return what a text tells: mostly one server, of oratab and db2ls one an entry; none for what is no such text."""
    text = as_printed(text[:MAX_CHARACTERS])
    hint = kind_in(name)
    if text.lstrip()[:1] == "[":  # a list of MongoDB's shell may be one line
        told = None if hint is None else _by_hint(text, hint, name)
        return () if told is None else (told,)
    text = bounded_lines(text)
    for read in (_oratab, _db2ls, _db2licm):
        several = read(text)
        if several:
            return several
    for recognise in (_sql_server, _domestic, _kingbase, _dameng, _oracle, _mongo, _mysql, _db2, _postgres):
        found = recognise(text)
        if found is not None:
            return (found,)
    told = _by_hint(plain_answer(text), hint, name) if hint is not None else None
    return () if told is None else (told,)


def merged(told: tuple[DatabaseTold, ...]) -> tuple[DatabaseTold, ...]:
    """Return one record a kind and name: later texts fill in what earlier ones left open, sizes are added up."""
    found: dict[tuple[str, str | None], DatabaseTold] = {}
    for each in told:
        names = [key for key in found if key[0] == each.kind and (each.name is None or key[1] in (None, each.name))]
        if not names:
            found[(each.kind, each.name)] = each
            continue
        known = found.pop(names[0])
        both = {key: getattr(known, key) or value for key, value in vars(each).items()}
        both["sizes"] = known.sizes + each.sizes
        found[(each.kind, known.name or each.name)] = DatabaseTold(**both)
    return tuple(replace(each, size_bytes=each.size_bytes or sum(each.sizes) or None) for each in found.values())


def _sql_server(text: str) -> DatabaseTold | None:
    version, service, cores = _SQL_SERVER.search(text), _SQL_SERVICE.search(text), _SQL_CORES.search(text)
    edition = _SQL_EDITION.search(text)
    properties = {found.group("name"): found.group("value") for found in _SQL_PROPERTY.finditer(text)}
    if version is None and service is None and cores is None and len(properties) < 2:
        return None
    product = None
    if version is not None:
        year = version.group("year") or version.group("vnext")
        product = "Microsoft SQL Server %s" % year if year else "Microsoft SQL Azure"
    elif service is not None:
        product = "Microsoft " + service.group("product")
    return DatabaseTold(
        "sql_server",
        name=properties.get("InstanceName"),
        product=product,
        version=version.group("version") if version else properties.get("ProductVersion"),
        edition=_plain_edition(edition.group("edition") if edition else properties.get("Edition")),
        cores_used=_cores(cores) if cores else None,
        licence_model=properties.get("LicenseType"),
    )


def _plain_edition(words: str | None) -> str | None:
    return re.sub(r"\s*\((?:64|32)-bit\)", "", words).strip() if words else None


def _cores(found: re.Match[str]) -> int | None:
    """Return the cores that the logical processors in use are: a core with two threads counts once."""
    cores, threads, used = (int(found.group(name)) for name in ("cores", "threads", "used"))
    return -(-used * cores // threads) if threads else None


def _mysql(text: str) -> DatabaseTold | None:
    maria, mysql = _MARIADB.search(text), _MYSQL.search(text)
    variable, comment = _MYSQL_VARIABLE.search(text), _MYSQL_COMMENT.search(text)
    if maria is not None:
        return DatabaseTold("mariadb", product="MariaDB", version=maria.group("version"))
    edition = mysql.group("edition") if mysql else comment.group("edition") if comment else None
    version = mysql.group("version") or mysql.group("old") if mysql else variable.group("version") if variable else None
    if version is None:
        return None
    return DatabaseTold("mysql", product="MySQL", version=version.split("-")[0], edition=_of_maker(edition))


def _of_maker(edition: str | None) -> str | None:
    """Return an edition; `(Ubuntu)`, `Debian 12` say who built the server, `Source distribution` that anybody did."""
    return edition if edition is not None and "MySQL" in edition else None


def _postgres(text: str) -> DatabaseTold | None:
    found = _POSTGRES.search(text)
    return None if found is None else DatabaseTold("postgresql", product="PostgreSQL", version=found.group("version"))


def _kingbase(text: str) -> DatabaseTold | None:
    found = _KINGBASE.search(text)
    if found is None:
        return None
    return DatabaseTold("kingbase", product="KingbaseES", version=found.group("version") or found.group("plain"))


def _dameng(text: str) -> DatabaseTold | None:
    found, version, client = _DAMENG.search(text), _DM_VERSION.search(text), _DISQL.search(text)
    if found is None and version is None and client is None:
        return None
    line = found.group("line") or (found.group("alone") or "").lstrip("Vv") if found else None
    line = line or (client.group("line") if client else None)
    build = version.group("version") if version else found.group("build") if found else None
    return DatabaseTold(
        "dameng", product="DM%s" % line if line else "DM", version=build or (line and "V" + line) or None
    )


def _domestic(text: str) -> DatabaseTold | None:
    found = domestic_version(text)
    return None if found is None else DatabaseTold(**vars(found))


def _mongo(text: str) -> DatabaseTold | None:
    version, modules = _MONGO.search(text), _MONGO_MODULES.search(text)
    if version is None:
        return None
    edition = None
    if modules is not None:
        edition = "Enterprise" if "enterprise" in modules.group("modules").lower() else "Community"
    return DatabaseTold(
        "mongodb", product="MongoDB", version=version.group("version") or version.group("told"), edition=edition
    )


def _oracle(text: str) -> DatabaseTold | None:
    found, full = _ORACLE.search(text), _ORACLE_FULL.search(text)
    if found is None:
        client = _SQLPLUS.search(text)
        return None if client is None else DatabaseTold("oracle", product="Oracle Database", version=client.group(1))
    return DatabaseTold(
        "oracle",
        product="Oracle Database %s" % found.group("line"),
        version=full.group("version") if full else found.group("version"),
        edition=found.group("edition"),
    )


def _oratab(text: str) -> tuple[DatabaseTold, ...]:
    homes = _ORACLE_HOME.findall(text) if "<HOME_LIST>" in text else []
    if homes:  # the inventory of Oracle's installer
        return tuple(DatabaseTold("oracle", product="Oracle Database", location=home) for home in homes[:100])
    found = [found for found in _ORATAB.finditer(text) if not found.group("sid").startswith("+")]
    return tuple(DatabaseTold("oracle", name=each.group("sid"), location=each.group("home")) for each in found)


def _db2ls(text: str) -> tuple[DatabaseTold, ...]:
    """`db2ls`, with or without `-c`: one line an installed copy."""
    if "VRMF" not in text and "Fix Pack" not in text:
        return ()
    rows = [*_DB2_LS.finditer(text), *_DB2_LS_TABLE.finditer(text)]
    return tuple(
        DatabaseTold("db2", product="IBM Db2", version=row.group("version"), location=row.group("path")) for row in rows
    )


def _db2licm(text: str) -> tuple[DatabaseTold, ...]:
    """`db2licm -l`: one block a product, with the way it is licensed."""
    found: list[dict[str, str]] = []
    for row in _DB2_LICENCE.finditer(text):
        if row.group("name") == "Product name":
            found.append({})
        if found:
            found[-1][row.group("name")] = row.group("value").strip()
    return tuple(
        DatabaseTold(
            "db2",
            product="IBM Db2",
            edition=block.get("Product name"),
            version=block.get("Version information"),
            licence_model=_model(block),
            cores_used=whole_number(block.get("Max number of CPUs")) or whole_number(block.get("Max number of cores")),
        )
        for block in found
        if "Db2" in block.get("Product name", "") or "DB2" in block.get("Product name", "")
    )


def _model(block: dict[str, str]) -> str | None:
    words = [block.get("License type"), block.get("Expiry date")]
    return "; ".join(word for word in words if word) or None


def _db2(text: str) -> DatabaseTold | None:
    said: dict[str, str] = {}
    for found in _FIELD.finditer(text):
        said.setdefault(found.group("name"), found.group("value"))
    names = [found.group("value") for found in _FIELD.finditer(text) if found.group("name") == "Database name"]
    level = _DB2_LEVEL.search(text)
    instance = re.search(r"database manager instance is:\s+(\S+)", text)
    if "Database manager status" in said or "Instance name" in said or instance is not None:
        return DatabaseTold(
            "db2",
            name=instance.group(1) if instance else said.get("Instance name") or None,
            product="IBM Db2",
            version=level.group("version") or level.group("of_connection") if level else None,
            edition=_node_edition(said.get("Node type")),
            state="running" if said.get("Database manager status") == "Active" else None,
            started_at=_american_moment(said.get("Start Database Manager timestamp")),
        )
    if "System Database Directory" in text or "SQL authorization ID" in said:
        size = re.search(r"Parameter Name\s+: DATABASESIZE\s+Parameter Value : (\d+)", text)
        return DatabaseTold(
            "db2",
            product="IBM Db2",
            version=(level.group("version") or level.group("of_connection")) if level else None,
            databases=_names(names or ([said["Local database alias"]] if said.get("Local database alias") else [])),
            sizes=(int(size.group(1)),) if size else (),
        )
    return None


def _node_edition(words: str | None) -> str | None:
    found = re.match(r"(.*? Edition)\b", words or "")
    return found.group(1) if found else None


def _american_moment(written: str | None) -> str | None:
    found = re.match(r"(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d:\d\d)", written or "")
    if found is None:
        return None
    day = day_of("%s-%s-%s" % (found.group(3), found.group(1), found.group(2)))
    return None if day is None else "%sT%s" % (day, found.group(4))


def _by_hint(text: str, kind: str, name: str) -> DatabaseTold | None:
    """Read an answer that only the name of its file places: a bare number, a list of names, a moment, a size."""
    number, moment, size = _NUMBER.match(text), _MOMENT.match(text), _SIZE.match(text)
    low = name.lower()
    if moment is not None:
        if not ("start" in low or "uptime" in low or "boot" in low):
            return DatabaseTold(kind)
        return DatabaseTold(kind, started_at="%sT%s" % (moment.group("day"), moment.group("clock")))
    if size is not None:
        return DatabaseTold(kind, sizes=(int(float(size.group("number")) * _UNITS[size.group("unit").lower()]),))
    if number is not None and "version" in low:
        return DatabaseTold(kind, version=number.group("version"))
    return _list_by_hint(text, kind, low)


def _list_by_hint(text: str, kind: str, low: str) -> DatabaseTold | None:
    rows = [found.group("name") for found in _SQL_ROW.finditer(text)]
    rows = rows or [found.group("name") for found in _POSTGRES_ROW.finditer(text)]
    if kind == "mongodb" and text.lstrip().startswith("["):
        return _mongo_list(json_of_mongo(text))
    if kind == "mongodb" and "uptime" in low and whole_number(json_of_mongo(text)) is not None:
        return DatabaseTold(kind, started_at=_of_milliseconds(int(json_of_mongo(text))))
    if kind in ("mysql", "mariadb") and "show-databases" in low:
        rows = [line.strip() for line in text.splitlines() if line.strip()]
    if kind in ("mysql", "mariadb") and "length" in low and whole_number(text) is not None:
        return DatabaseTold(kind, sizes=(int(text),))
    if kind == "db2" and "db2ilist" in low:
        first = text.split()
        return DatabaseTold(kind, name=first[0], product="IBM Db2") if len(first) >= 1 else None
    if kind == "sql_server" and "spaceused" in low:
        return _space_used(text)
    if "servicename" in low and len(text.split()) == 1:
        return DatabaseTold(kind, name=text.strip())
    if kind == "oracle":
        if re.fullmatch(r"\s*[A-Za-z][\w$#]{0,29}\s*", text) and ("instance" in low or "name" in low):
            return DatabaseTold(kind, name=text.strip(), product="Oracle Database")
        options = tuple(found.group("option") for found in _ORACLE_OPTION.finditer(text))
        if options:
            return DatabaseTold(kind, options=options[:200])
    return DatabaseTold(kind, databases=_names(rows)) if rows else None


def _space_used(text: str) -> DatabaseTold | None:
    row = re.match(r"\s*[^;\t\n]+[;\t]\s*(\d+(?:\.\d+)?) MB\s*[;\t]", text)
    return DatabaseTold("sql_server", sizes=(int(float(row.group(1)) * (1 << 20)),)) if row else None


def _mongo_list(text: str) -> DatabaseTold | None:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list):
        return None
    entries = [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]
    sizes = [row.get("sizeOnDisk") for row in entries]
    whole = tuple(size for size in sizes if type(size) is int and 0 <= size < 1 << 60)
    return DatabaseTold("mongodb", databases=_names([row["name"] for row in entries]), sizes=whole)


def _of_milliseconds(number: int) -> str | None:
    import datetime

    try:
        moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(milliseconds=number)
    except OverflowError:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _names(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip()[:128] for name in found if name.strip()))[:MAX_DATABASES]
