"""What Dassault's `DSLicSrv -admin -run "getLicenseUsage -csv"` prints: one row a feature, or a row for each check-out.

Columns are found by their headings, so that a later release with more of them is read alike.
"""

from __future__ import annotations

import csv
import io
import re

from agent.formats.licence_told import FeatureTold, LicencesTold, UseTold, clipped, full_time, tail_of
from agent.formats.whole_number import whole_number

MAX_BYTES = 64 << 20

_MARKS = re.compile(r"License Administration Tool Version|^Editor,EditorId,Feature,Model,", re.MULTILINE)
_SERVER = re.compile(r"Server name: (?P<host>\S+)(?:\s+Server id: (?P<id>\S+))?")
_HEADING = re.compile(r"^Editor,EditorId,Feature,.*$", re.MULTILINE)
_FAILURE = re.compile(
    r"^.*(?:Error while connecting|Connection refused|connect error|Cannot connect|could not connect).*$",
    re.IGNORECASE | re.MULTILINE,
)
_HOST = re.compile(r"(?P<name>[^\s/(]+)")


def parse_dsls_usage(text: str) -> LicencesTold:
    """Return the features in their order, each once for one model, edition and term; its check-outs are added up."""
    told = LicencesTold(recognised=_MARKS.search(text[: 1 << 20]) is not None)
    if not told.recognised:
        return told
    heading = _HEADING.search(text)
    if heading is None:
        failure = _FAILURE.search(text)
        told.failure = clipped(failure.group(0)) if failure else None
        return told
    server = _SERVER.search(text)
    first = text.count("\n", 0, heading.start()) + 1
    csv.field_size_limit(1 << 20)
    rows = csv.DictReader(io.StringIO(text[heading.start() : heading.start() + MAX_BYTES].replace("\0", "")))
    known: dict[tuple[str | None, ...], FeatureTold] = {}
    try:
        for row in rows:
            _take(row, "line %d" % (first - 1 + rows.line_num), server, known, told)
    except csv.Error as error:
        told.problems.append(("line %d" % (first + rows.line_num), "no row of a table: %s" % error))
    return told


def _take(
    row: dict[str | None, str | list[str] | None],
    where: str,
    server: re.Match[str] | None,
    known: dict[tuple[str | None, ...], FeatureTold],
    told: LicencesTold,
) -> None:
    said = {name: value.strip() for name, value in row.items() if name is not None and isinstance(value, str)}
    name = said.get("Feature")
    if not name or whole_number(said.get("Count")) is None:
        if any(said.values()) and said.get("Editor", "").lower() not in ("admin >", ""):
            told.problems.append((where, "a row without feature or count"))
        return
    key = tuple(said.get(column) for column in ("EditorId", "Feature", "Model", "Commercial Type", "Expiration Date"))
    feature = known.get(key)
    if feature is None:
        feature = known[key] = _feature(said, where, server)
        told.features.append(feature)
    if said.get("User") or said.get("Host"):
        feature.add_use(_use(said))


def _feature(said: dict[str, str], where: str, server: re.Match[str] | None) -> FeatureTold:
    feature = FeatureTold(
        clipped(said["Feature"]), where, vendor=said.get("Editor"), version=said.get("Max Release Number")
    )
    feature.kind = {"token": "floating", "nodelocked": "node_locked", "nameduser": "named_user"}.get(
        re.sub(r"[^a-z]", "", said.get("Model", "").lower()), "floating"
    )
    feature.edition = said.get("Commercial Type") or None
    feature.total, feature.used = whole_number(said["Count"]), whole_number(said.get("Inuse"))
    feature.server_status = "up"
    if server is not None:
        feature.server, feature.host_id = server.group("host"), server.group("id")
    day, _, _ = said.get("Expiration Date", "").partition(" ")
    feature.expires(day)
    feature.serial_tail = tail_of(said.get("Customer ID"))
    return feature


def _use(said: dict[str, str]) -> UseTold:
    host = _HOST.match(said.get("Host", ""))
    since = said.get("Granted Since") or None
    tokens = whole_number(said.get("Tokens"))
    return UseTold(
        user=said.get("User") or None,
        host=host.group("name") if host else None,
        version=said.get("Client Code Version") or None,
        since=full_time(since),
        since_raw=since,
        count=1 if tokens is None else tokens,
        queued=(whole_number(said.get("Queue Position")) or 0) > 0,
    )
