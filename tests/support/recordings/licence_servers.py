"""Judge of licence servers and files: seats, use, check-outs and terms of each feature against the expected answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from recordings.judged import Judged, compare

from agent.collectors.roster import readers
from agent.discretion import pseudonym
from agent.inventory.licence_servers import LicenceFeature, LicenceUse
from agent.inventory.traces import Trace
from agent.reading import best_reading

SOURCES = {"flexlm": "flexlm", "rlm": "rlm", "lmx": "lmx", "lsdyna": "lsdyna", "olicense": "olicense", "dsls": "dsls"}


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every case of `flexlm-exporter`, `license-manager` and `flexlm-license-files`."""
    for folder, judge in (("flexlm-exporter", _status), ("license-manager", _usage), ("flexlm-license-files", _file)):
        for answer in sorted((corpus / folder / "expected").glob("*.json")):
            told = json.loads(answer.read_text(encoding="utf-8"))
            if isinstance(told, dict):
                yield judge(corpus / folder, told)


def _read(source: str, path: Path) -> tuple[list[LicenceFeature], list[Trace]]:
    inventory = best_reading(readers(source), path.read_bytes(), path.name)
    return list(inventory.licence_features), list(inventory.traces)


def _status(folder: Path, told: dict[str, Any]) -> Judged:
    features, _ = _read("flexlm", folder / told["files"][0])
    if told.get("license_file_lines"):
        expected = [
            "|".join((line["feature"], line["version"], str(line["licenses"]), line["expires"], line["vendor"]))
            for line in told["license_file_lines"]
        ]
        found = [f"{f.feature}|{f.version}|{f.total}|{f.expires_raw}|{f.vendor}" for f in features]
        return compare("flexlm-exporter", told["kind"], told["case"], expected, found)
    expected = [_expected_status(feature) for feature in told["features"]]
    return compare("flexlm-exporter", told["kind"], told["case"], expected, map(_found_status, features))


def _expected_status(feature: dict[str, Any]) -> str:
    if "issued" not in feature:
        return f"{feature['feature']}|{feature['note'].removeprefix('Error: ')}"
    numbers = ("issued", "used", "checkouts", "licences_checked_out", "reserved")
    return "|".join([feature["feature"], *(str(feature[name]) for name in numbers)])


def _found_status(feature: LicenceFeature) -> str:
    if feature.kind == "uncounted":
        return f"{feature.feature}|Uncounted, node-locked"
    if feature.used is None:
        return f"{feature.feature}|{feature.total} licenses, {feature.server_status}"
    held = [use for use in feature.uses if not use.queued]
    seats = sum(use.count for use in held)
    return f"{feature.feature}|{feature.total}|{feature.used}|{len(held)}|{seats}|{feature.reserved}"


def _usage(folder: Path, told: dict[str, Any]) -> Judged:
    technology = told["kind"].rpartition("/")[2]
    features, _ = _read(SOURCES[technology], folder / told["files"][0])
    answer = told["expected"]
    by_name = {answer["feature"]: answer} if "feature" in answer else answer
    expected = [line for name, feature in by_name.items() for line in _expected_usage(name, feature)]
    return compare("license-manager", told["kind"], told["case"], expected, _found_usage(features))


def _expected_usage(name: str, feature: dict[str, Any]) -> Iterator[str]:
    yield f"{name}|{feature['total']}|{feature['used']}"
    for use in feature["uses"]:
        yield f"{name}|{pseudonym(use['username'].lower())}@{use['lead_host']}|{use['booked']}"


def _found_usage(features: Iterable[LicenceFeature]) -> Iterator[str]:
    """The source adds up features of one name, and writes names in lower case."""
    totals: dict[str, list[int]] = {}
    for feature in features:
        name = feature.feature.lower()
        total, used = totals.setdefault(name, [0, 0])
        totals[name] = [total + (feature.total or 0), used + (feature.used or 0)]
        for use in feature.uses:
            yield f"{name}|{_who(use)}|{use.count}"
    for name, (total, used) in totals.items():
        yield f"{name}|{total}|{used}"


def _who(use: LicenceUse) -> str:
    return f"{use.user}@{use.host}"


def _file(folder: Path, told: dict[str, Any]) -> Judged:
    features, traces = _read("licence_files", folder / told["files"][0])
    answer = told["expected"]
    expected = list(_expected_file(answer))
    found = [f"{t.name}|{t.value}" for t in traces] if "rejected_features" not in answer else []
    found += [_grant(feature, answer) for feature in features]
    return compare("flexlm-license-files", told["kind"], told["case"], expected, found)


def _expected_file(answer: dict[str, Any]) -> Iterator[str]:
    for server in answer.get("servers", ()):
        port = f" {server['port']}" if server["port"] else ""
        yield f"SERVER|{server['host']} {server['host_id']}{port}"
    for vendor in answer.get("vendors", ()):
        yield "VENDOR|" + " ".join(filter(None, (vendor["name"], vendor.get("daemon_path"))))
    for feature in answer.get("features", ()):
        seats = None if feature.get("uncounted") else feature["seats"]
        kind = "named_user" if feature.get("user_based") else ""
        yield "|".join(
            map(
                str,
                (
                    feature["name"],
                    feature["vendor"],
                    feature["version"],
                    seats,
                    feature["expires"],
                    feature.get("start"),
                    kind,
                    feature.get("sn", "")[-5:],
                ),
            )
        )
    for package in answer.get("packages", ()):
        yield f"{package['name']}|{package['vendor']}|{package['version']}|{' '.join(package['components'])}"
    for feature in answer.get("rejected_features", ()):
        yield "|".join(
            map(
                str,
                (
                    feature["name"],
                    feature["version"],
                    feature["seats"],
                    feature["expires"],
                    answer["reason"],
                    answer["port"],
                ),
            )
        )


def _grant(feature: LicenceFeature, answer: dict[str, Any]) -> str:
    if "rejected_features" in answer:
        reason = (feature.server_status or "").removeprefix("rejected: ")
        return f"{feature.feature}|{feature.version}|{feature.total}|{feature.expires_on}|{reason}|{feature.port}"
    if feature.kind == "package":
        return f"{feature.feature}|{feature.vendor}|{feature.version}|{' '.join(feature.components)}"
    wanted: dict[str, Any] = next((line for line in answer["features"] if line["name"] == feature.feature), {})
    kind = "named_user" if feature.kind == "named_user" else ""
    serial = feature.serial_tail or "" if "sn" in wanted else ""
    parts = (
        feature.feature,
        feature.vendor,
        feature.version,
        feature.total,
        feature.expires_on,
        feature.starts_on,
        kind,
        serial,
    )
    return "|".join(map(str, parts))
