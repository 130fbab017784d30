"""How much of whole machines is told: python tests/benchmarks/machine_lists.py [--untold LIST] [--sample N] [FOLDER …].

Reads the lists of installed software of single machines in the corpus and prints for each: lines, the share with a kind
(other than `unknown`), the share whose kind a rule told (a product, a general rule or the origin; the rest are
applications because they stand in a list of applications), and the share with a licence class. `--untold` prints the
lines of one list that have no class, `--sample` N lines of all lists drawn with a fixed seed (or `--seed`),
for judging by hand.

A list of Windows that does not say the source is asked as installers' names and as the shop's, as `zhengban recognise`
does. A package list that records no maintainer is read with the machine's own system as the origin, as an import does.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from corpus import corpus_folder

from rules.loading import load_catalogue
from rules.origin import distribution_of
from rules.product import Kind, LicenceClass
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.tabular import Row, recognise_row
from rules.title import Title

SEED = 20260601
FOLDERS = ("real-hosts", "open-audit", "ocs-loadtest", "glpi-inventory-format", "glpi-agent")
LEAST_LINES = 25
IMAGE_DAYS = ("01/01/1970", "31/12/2008", "01/01/2009")
NAME_COLUMNS = {
    "choco-list-li-2020-partial.txt": ("|", 0, 1),
    "enterprise-desktop-2026-summary.tsv": ("\t", 0, 1),
    "geek-uninstaller-2024.tsv": ("\t", 0, None),
    "wmic-product-2018-partial.tsv": ("\t", 1, 3),
    "winreg-names-2016.txt": ("\t", 0, None),
    "lab-enum-applications-2022-partial.txt": ("  ", 0, -1),
}


def recorded_lists(corpus: Path) -> Iterator[tuple[str, list[Title]]]:
    """Yield (name, titles) of every list of at least LEAST_LINES lines, and of all Chinese ones."""
    for folder in FOLDERS:
        for file in sorted((corpus / folder / "expected").glob("*.json")):
            case = json.loads(file.read_text(encoding="utf-8"))
            found = case.get("expected")
            if isinstance(found, list):
                rows = [row for row in found if isinstance(row, dict) and row.get("name")]
                if len(rows) >= LEAST_LINES and "version" in {key for row in rows for key in row} | {"version"}:
                    platform = str(case.get("platform") or "")
                    system = f"Kali {platform}" if file.stem.startswith("kali") else platform
                    yield f"{folder}/{file.stem}", [_title(row, system) for row in rows]
    for name, (separator, name_at, version_at) in NAME_COLUMNS.items():
        file = corpus / "chinese" / "machines" / name
        if file.is_file():
            yield f"chinese/{name}", list(_table(file, separator, name_at, version_at))


def _table(file: Path, separator: str, name_at: int, version_at: int | None) -> Iterator[Title]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        cells = [cell for cell in line.split(separator) if cell.strip()] if separator == "  " else line.split(separator)
        if not line.strip() or (number == 0 and "name" in cells):
            continue
        version = cells[version_at].strip() if version_at is not None and len(cells) > 1 else None
        yield Title("windows", "uninstall_keys", cells[name_at].strip(), version=version or None)


def _title(row: dict[str, Any], platform: str) -> Title:
    source, family = _source(row, platform.casefold())
    publisher = row.get("publisher") or None
    packaged = source in ("dpkg", "rpm", "pacman")
    origin = platform if packaged and not publisher and distribution_of(platform) else None
    key = row.get("guid") or row.get("id")
    return Title(
        family,
        source,
        str(row["name"]),
        publisher,
        row.get("version") or None,
        str(row["name"]) if packaged else (str(key) if key and source != "uninstall_keys" else None),
        origin=origin,
        section=row.get("category")
        or row.get("system_category")
        or row.get("section")
        or _folder(row, family)
        or _image(row),
    )


def _section(row: dict[str, Any], family: str) -> str | None:
    told = row.get("category") or row.get("system_category") or row.get("section")
    return told or _folder(row, family) or _image(row)


def _folder(row: dict[str, Any], family: str) -> str | None:
    """The folder of a macOS program, by which the system's own are told, as a report of macOS shows it."""
    return str(row["location"]).rpartition("/")[0] if family == "macos" and row.get("location") else None


def _image(row: dict[str, Any]) -> str | None:
    """As an import tells what came with an Android device: by the day of the image's clock."""
    told = str(row.get("from") or "").casefold() == "android"
    return "system image" if told and row.get("install_date_raw") in IMAGE_DAYS else None


def _source(row: dict[str, Any], platform: str) -> tuple[str, str]:
    told = str(row.get("from") or "").casefold()
    if told == "android":
        return told, "other"
    for word, source in (("aix", "aix_filesets"), ("hpux", "hpux_software"), ("bsd", "bsd_packages")):
        if word in platform:
            return source, "other"
    if told in ("rpm", "deb", "dpkg", "pacman"):
        return {"deb": "dpkg"}.get(told, told), "linux"
    if told == "registry" or "windows" in platform:
        return "uninstall_keys", "windows"
    if any(word in platform for word in ("debian", "ubuntu", "kali", "linux")):
        return "dpkg", "linux"
    if any(word in platform for word in ("rhel", "centos", "fedora")):
        return "rpm", "linux"
    return ("applications", "macos") if "mac" in platform or "darwin" in platform else ("uninstall_keys", "other")


def _asked(title: Title) -> Row:
    """The titles that a line may mean: a list of Windows programs mixes installers' and the shop's names."""
    if title.platform != "windows":
        return Row((title,))
    return Row(tuple(replace(title, source=source) for source in ("uninstall_keys", "appx")))


def share(part: int, whole: int) -> str:
    """Return a share as text."""
    return f"{part / whole:6.1%}"


def report(name: str, answers: list[tuple[Title, Recognition]]) -> None:
    """Print the figures of one list."""
    told = sum(found.kind is not Kind.UNKNOWN for _, found in answers)
    ruled = sum(found.rule is not None for _, found in answers)
    classed = sum(found.licence_class is not LicenceClass.UNKNOWN for _, found in answers)
    whole = len(answers)
    print(f"{name:58} {whole:5}  kind {share(told, whole)}  by a rule {share(ruled, whole)}", end="")
    print(f"  class {share(classed, whole)}")


def main() -> None:
    """Recognise every list and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--untold", metavar="LIST")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    corpus = corpus_folder()
    if corpus is None:
        print("no corpus beside this checkout; nothing to score")
        return
    catalogue_folders = options.folders or [Path(__file__).resolve().parents[2] / "rules" / "data"]
    recogniser = Recogniser(load_catalogue(catalogue_folders))
    everything: list[tuple[str, Title, Recognition]] = []
    for name, titles in recorded_lists(corpus):
        answers = [recognise_row(_asked(title), recogniser) for title in titles]
        everything += [(name, title, found) for title, found in answers]
        report(name, answers)
        if options.untold and options.untold in name:
            for title, found in answers:
                if found.licence_class is LicenceClass.UNKNOWN:
                    print(f"    {title.name} [{title.publisher}] {title.version} {title.section}: {found.kind}")
    for name, title, found in random.Random(options.seed).sample(everything, min(options.sample, len(everything))):
        print(
            f"{name}\t{title.name}\t{title.publisher}\t{found.product}\t{found.kind}\t{found.licence_class}\t{found.rule}"
        )


if __name__ == "__main__":
    main()
