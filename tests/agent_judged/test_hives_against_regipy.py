"""Our hive reader reads what regipy, an independent reader, reads."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from corpus import corpus_folder
from hive_writer import Key, write_hive
from log_writer import write_log
from regipy.recovery import apply_transaction_logs
from regipy.registry import RegistryHive as RegipyHive

from agent.formats.registry_hive import RegistryHive
from agent.formats.registry_log import replayed
from agent.formats.registry_value import HiveKey

_FOLDER = corpus_folder("registry-hives")
_HIVES = [] if _FOLDER is None else sorted((_FOLDER / "raw").glob("*.xz"))
_NAMES = {"name": "DisplayName", "version": "DisplayVersion", "publisher": "Publisher", "source": "Source"}
_INVENTORY_NAMES = {"name": "Name", "version": "Version", "publisher": "Publisher", "source": "Source"}


def walked(hive: RegistryHive, path: str = "") -> dict[str, HiveKey]:
    """Return every key of a hive by its path in capitals."""
    key = hive.key(path)
    assert key is not None, path
    found = {path.upper(): key}
    for name in key.subkeys:
        found.update(walked(hive, path + "\\" + name if path else name))
    return found


def theirs(path: Path) -> dict[str, Any]:
    """Return what regipy makes of a hive file: path in capitals → its key."""
    found = {}
    for entry in RegipyHive(str(path)).recurse_subkeys(as_json=False):  # type: ignore[no-untyped-call]
        found[entry.path.strip("\\").upper()] = entry
    return found


@pytest.mark.parametrize("packed", _HIVES, ids=lambda path: path.name)
def test_every_key_and_value_of_a_real_hive(packed: Path, tmp_path: Path) -> None:
    data = lzma.decompress(packed.read_bytes())
    plain = tmp_path / "hive"
    plain.write_bytes(data)
    ours = walked(RegistryHive(data))
    expected = theirs(plain)

    assert len(expected) > 1000
    named_alike = {path for path in expected if "\ufffd" not in path}  # regipy reads names as ASCII, we as Latin-1
    assert named_alike <= set(ours)
    assert len(named_alike) > 0.98 * len(expected)
    compared = 0
    for path in named_alike:
        entry = expected[path]
        values = ours[path].values
        assert not ours[path].faults
        assert ours[path].subkeys is not None
        for value in entry.values:
            name = "" if value.name == "(default)" else value.name
            if value.value_type in ("REG_SZ", "REG_EXPAND_SZ") and isinstance(value.value, str):
                ours_text = values[name]
                assert isinstance(ours_text, str)
                if ours_text.encode("utf-16-le").rstrip(b"\0") == value.value.encode("utf-8").rstrip(b"\0"):
                    continue  # written as ASCII where Windows expects UTF-16; regipy guesses, we do not
                assert ours_text[: len(value.value)] == value.value.split("\0", 1)[0], (path, name)
                assert len(ours_text) == len(value.value.split("\0", 1)[0]) or len(value.value) >= 255  # it cuts there
                compared += 1
            elif value.value_type == "REG_DWORD" and isinstance(value.value, int):
                assert values[name] == value.value, (path, name)
                compared += 1
    assert compared > 1000


@pytest.mark.parametrize("packed", _HIVES, ids=lambda path: path.name)
def test_the_installed_programs_of_a_real_hive(packed: Path) -> None:
    assert _FOLDER is not None
    answer = json.loads((_FOLDER / "expected" / (packed.name + ".json")).read_text("utf-8"))
    hive = RegistryHive(lzma.decompress(packed.read_bytes()))
    names = _INVENTORY_NAMES if "InventoryApplication" in answer["keys"][0] else _NAMES
    above = [key for path in answer["keys"] for key in [hive.key(path)] if key is not None]
    path = next(path for path in answer["keys"] if hive.key(path) is not None)

    assert len(above) == 1
    for record in answer["expected"]:
        key = hive.key(path + "\\" + record["registry_key"])
        assert key is not None
        for field, value_name in names.items():
            assert key.values.get(value_name) in (record.get(field), "" if field not in record else None), field


def test_regipy_reads_what_our_writer_writes(tmp_path: Path) -> None:
    root = Key()
    for number in range(1200):
        root.at(f"Uninstall\\程序{number}").values["DisplayName"] = f"物资条码打印 V{number}"
    root.at("Types").values = {"Number": 7, "List": ("one", "二"), "Large": b"\x5a" * 40_000}
    plain = tmp_path / "hive"
    plain.write_bytes(write_hive(root))
    found = theirs(plain)

    assert len(found) == 1 + 1 + 1200 + 1
    assert found["UNINSTALL\\程序1199"].values[0].value == "物资条码打印 V1199"
    values = {value.name: value.value for value in found["TYPES"].values}
    assert values["Number"] == 7
    assert values["List"] == ["one", "二"]
    assert values["Large"] == b"\x5a" * 40_000


def test_regipy_puts_a_log_into_a_hive_as_we_do(tmp_path: Path) -> None:
    before, middle, after = (hive_of(count, is_dirty=count == 10) for count in (10, 60, 300))
    log = write_log(before, [middle, after], first_number=1)
    for name, data in (("hive", before), ("log", log)):
        (tmp_path / name).write_bytes(data)
    restored, _ = apply_transaction_logs(  # type: ignore[no-untyped-call]
        str(tmp_path / "hive"), str(tmp_path / "log"), restored_hive_path=str(tmp_path / "restored")
    )
    ours = replayed(before, [log])

    assert len(walked(RegistryHive(ours))) == 302
    assert Path(restored).read_bytes()[4096:] == ours[4096:]


def hive_of(count: int, *, is_dirty: bool) -> bytes:
    """Return a hive with so many keys. The file is as large for every count: regipy does not let a hive grow."""
    root = Key(values={"Room": b"\x5a" * (400 - count) * 200})
    for number in range(count):
        root.at(f"Uninstall\\{number:03d}").values["DisplayName"] = f"程序 {number}"
    data = write_hive(root, is_dirty=is_dirty)
    return data.ljust(200_000, b"\0")
