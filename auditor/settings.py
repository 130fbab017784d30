"""Every setting of the checker: name, default, help. A flag beats the environment, which beats the file,
which beats the default; an unknown name is an error.

The file is TOML with the names of `SETTINGS` at its top level. In the environment a setting is called
`ZHENGBAN_` and its name in capitals: `ZHENGBAN_DATABASE`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.errors import WrongUsage

_TYPE_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
Value = str | int | float | bool
PREFIX = "ZHENGBAN_"
ELSEWHERE = frozenset({"ZHENGBAN_SETTINGS", "ZHENGBAN_CORPUS", "ZHENGBAN_STATE"})
"""Names with our prefix that are not settings of the checker."""


@dataclass(frozen=True)
class Setting:
    """One row: its type is that of the default; `least` and `most` bound a number, both inclusive."""

    name: str
    default: Value
    help: str
    least: float | None = None
    most: float | None = None


SETTINGS = (
    Setting("database", "sqlite:///zhengban.db", "Address of the store"),
    Setting("key_file", "", "File with the key that seals secrets; empty: beside the database"),
    Setting("sealing_key", "", "The key itself, 32 bytes as base64; goes before key_file"),
    Setting("database_wait_seconds", 30, "How long to wait for another writer", 1, 600),
    Setting("listen_host", "127.0.0.1", "Address that serve listens on"),
    Setting("listen_port", 8765, "Port that serve listens on; 0 takes a free one", 0, 65_535),
    Setting("time_zone", "Asia/Shanghai", "Zone in which a day is a day"),
    Setting("language", "zh_CN", "Language of reports: zh_CN or en"),
    Setting("intake_max_bytes", 16_777_216, "Largest document accepted, in bytes, unpacked", 1_024),
    Setting("intake_max_packed_bytes", 4_194_304, "Largest body accepted, in bytes, as sent", 1_024),
    Setting("intake_max_ratio", 200, "Largest ratio of unpacked to packed bytes", 2),
    Setting("intake_max_depth", 32, "Deepest nesting of a document", 8, 200),
    Setting("intake_max_records", 100_000, "Most records in one document", 1),
    Setting("intake_waiting_documents", 64, "Documents that may wait for the store before 503 is answered", 1),
    Setting("intake_body_seconds", 120, "How long one request may take to arrive", 1, 3600),
    Setting("clock_window_seconds", 900, "How far an agent's clock may be off when it signs", 1, 86_400),
    Setting("held_loss_share", 0.5, "Share of a scope whose loss in one scan waits for a second scan", 0, 1),
    Setting("held_loss_minimum", 5, "Losses of fewer titles than this never wait", 1),
    Setting("stale_after_days", 30, "Days unseen after which a title is only 'last seen on'", 1),
    Setting("partial_scans_before_last_seen", 3, "Partial scans unseen before a title is only 'last seen on'", 1),
    Setting("silent_after_days", 30, "Days without a scan after which a machine is reported as silent", 1),
    Setting("expiring_within_days", 90, "Days before its end from which a licence is reported as expiring", 0, 3650),
    Setting("organisation", "", "Name of the organisation at the head of reports"),
    Setting("unit_head", "", "单位负责人 on the forms"),
    Setting("unit_contact", "", "联系人 on the forms"),
    Setting("unit_telephone", "", "联系电话 on the forms"),
    Setting("filled_by", "", "填表人 on the forms"),
    Setting(
        "print_serials", True, "Print 序列号 in full on the summary; each print stands in the trail. false: masked"
    ),
    Setting("annex_labels", "", "Labels above the forms, such as summary=附件7;detail=附件8"),
)


@dataclass(frozen=True)
class Settings:
    """The value of every setting, and where each came from: default, file, environment or flag."""

    values: Mapping[str, Value]
    origins: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a text setting."""
        return str(self.values[name])

    def whole(self, name: str) -> int:
        """Return a whole-number setting."""
        return int(self.values[name])

    def number(self, name: str) -> float:
        """Return a number setting."""
        return float(self.values[name])

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which a day is a day."""
        return ZoneInfo(self.text("time_zone"))


def load_settings(
    *, flags: Mapping[str, Value] | None = None, environment: Mapping[str, str] | None = None, file: Path | None = None
) -> Settings:
    """Return the settings. `environment` is `os.environ` or a part of it; `file` may be `None`.

    Raises `WrongUsage` with every fault of every layer, one a line.
    """
    faults: list[str] = []
    layers: list[tuple[str, Mapping[str, object]]] = [("file", _from_file(file) if file is not None else {})]
    layers.append(("environment", _from_environment(environment or {})))
    layers.append(("flag", flags or {}))
    values: dict[str, Value] = {row.name: row.default for row in SETTINGS}
    origins = {row.name: "default" for row in SETTINGS}
    rows = {row.name: row for row in SETTINGS}
    for origin, layer in layers:
        for name, given in layer.items():
            where = f"{file}: {name}" if origin == "file" else f"{origin} {name}"
            if name not in rows:
                faults.append(f"{where}: expected the name of a setting")
                continue
            try:
                values[name], origins[name] = _checked(rows[name], given, parse=origin != "file"), origin
            except ValueError as error:
                faults.append(f"{where}: {error}")
    if faults:
        raise WrongUsage("\n".join(faults))
    return Settings(values, origins)


def _from_file(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise WrongUsage(f"{file}: expected a file of settings, {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{file}: expected TOML: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    ours = {name: value for name, value in environment.items() if name.startswith(PREFIX) and name not in ELSEWHERE}
    return {name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}


def _checked(row: Setting, given: object, *, parse: bool) -> Value:
    """Return the value in the type of the default. Raises `ValueError` that says what was expected."""
    wanted = type(row.default)
    value = _parsed(given, wanted) if parse and isinstance(given, str) else given
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise ValueError(f"expected {_TYPE_NAMES[wanted]}, got {given!r}")
    if isinstance(value, int | float) and not _within(row, value):
        raise ValueError(f"expected {_bounds(row)}, got {given!r}")
    if row.name == "time_zone":
        _check_zone(str(value))
    return value


def _parsed(given: str, wanted: type) -> object:
    if wanted is bool:
        return {"true": True, "false": False, "1": True, "0": False}.get(given.lower(), given)
    try:
        return wanted(given)
    except ValueError:
        return given


def _within(row: Setting, value: float) -> bool:
    return (row.least is None or value >= row.least) and (row.most is None or value <= row.most)


def _bounds(row: Setting) -> str:
    least = f"at least {row.least:g}" if row.least is not None else ""
    most = f"at most {row.most:g}" if row.most is not None else ""
    return " and ".join(bound for bound in (least, most) if bound)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"expected a zone of the IANA data base, got {name!r}") from error
