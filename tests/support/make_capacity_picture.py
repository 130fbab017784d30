"""Draws docs/pictures/capacity.svg: python tests/support/make_capacity_picture.py

Measured points are filled, what is worked out from them is hollow and joined by a broken line; the figures are those of
the table in docs/capacity.md.
"""

from __future__ import annotations

import math
import re
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "capacity.md"
TARGET = ROOT / "docs" / "pictures" / "capacity.svg"
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 360, 80, 300
LOWEST, HIGHEST = 8.0, 12.0
"""Powers of ten of the axis of bytes."""
_ROW = re.compile(r"^\| (10⁴|10⁵|10⁶|10⁷) \| (measured|extrapolated) [^|]*\| ([\d,]+) \|", re.M)
POWERS = {"10⁴": 4, "10⁵": 5, "10⁶": 6, "10⁷": 7}


def points() -> list[tuple[int, bool, int]]:
    """Return the power of ten of the machines, whether it was measured, and the bytes, as the page has them."""
    return [
        (POWERS[power], kind == "measured", int(size.replace(",", "")))
        for power, kind, size in _ROW.findall(PAGE.read_text("utf-8"))
    ]


def place(power: int, size: int) -> tuple[float, float]:
    """Return where a point stands."""
    x = LEFT + (power - 4) * (WIDTH - LEFT - 60) / 3
    return x, BOTTOM - (math.log10(size) - LOWEST) / (HIGHEST - LOWEST) * (BOTTOM - 50)


def picture() -> str:
    """Return the picture."""
    told = points()
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="13">',
        "<title>每台两次扫描时的数据库大小 / size of the database, two scans of each machine</title>",
        f'<path d="M{LEFT} 40V{BOTTOM}H{WIDTH - 40}" fill="none" stroke="#444"/>',
    ]
    for power in range(int(LOWEST), int(HIGHEST) + 1):
        y = place(4, 10**power)[1]
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 40}" stroke="#ddd"/>')
        unit = {8: "100 MB", 9: "1 GB", 10: "10 GB", 11: "100 GB", 12: "1 TB"}[power]
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{unit}</text>')
    for (a, _, s), (b, measured, t) in pairwise(told):
        (x, y), (z, w) = place(a, s), place(b, t)
        broken = "" if measured else ' stroke-dasharray="5 4"'
        lines.append(f'<path d="M{x:.1f} {y:.1f}L{z:.1f} {w:.1f}" stroke="#1f5fa8" fill="none"{broken}/>')
    for power, measured, size in told:
        x, y = place(power, size)
        fill = "#1f5fa8" if measured else "#fff"
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="#1f5fa8" stroke-width="2"/>')
        word = "实测 measured" if measured else "推算 extrapolated"
        end, beside, below = ("end", -12, -12) if power == 7 else ("start", 12, 18)
        lines.append(f'<text x="{x + beside:.1f}" y="{y + below:.1f}" text-anchor="{end}">{word}</text>')
        count = f"{10**power:,}"
        lines.append(f'<text x="{x:.1f}" y="{BOTTOM + 20}" text-anchor="middle">{count}</text>')
    lines.append(
        f'<text x="{(LEFT + WIDTH) / 2:.0f}" y="{BOTTOM + 44}" text-anchor="middle">计算机台数 machines</text>'
    )
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    TARGET.write_text(picture(), "utf-8")
    sys.stdout.write(f"{TARGET}\n")
