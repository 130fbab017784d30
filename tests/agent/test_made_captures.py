"""The hand-made machines are what their recipes say: the script writes them again, to the byte."""

from __future__ import annotations

from pathlib import Path

from make_machines import MACS, WINDOWS, make

CAPTURES = Path(__file__).resolve().parents[1] / "captures"


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but ORIGIN.md, by its path."""
    return {
        place.relative_to(folder).as_posix(): place.read_bytes()
        for place in sorted(folder.rglob("*"))
        if place.is_file() and place.name != "ORIGIN.md"
    }


def test_the_script_writes_what_is_committed(tmp_path: Path) -> None:
    make(tmp_path)

    for name in (*WINDOWS, *MACS):
        assert files_of(tmp_path / name) == files_of(CAPTURES / name), name
        assert (CAPTURES / name / "ORIGIN.md").is_file()
