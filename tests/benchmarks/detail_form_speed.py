"""软件使用情况明细表 of 10,000 machines, 500,000 lines, as XLSX: python tests/benchmarks/detail_form_speed.py

The form's model is made first and not timed; laying out and writing are. Yardstick, in a process of its own: XlsxWriter
writing the same cells (the empty ones have borders too) in its own order-keeping mode, with one format for all and one
for days. Gate: 1.3 × its time and
300 MiB at the peak, model included; goal: 1.1 ×.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

MACHINES, LINES, DEPARTMENTS = 10_000, 50, 20
NAMES = 4_000
GATE, GATE_MIB = 1.3, 300


def form() -> object:
    """Return the model: names, versions and codes repeat as they do in a unit."""
    from report_builders import detail_form

    base = detail_form()
    machine = base.machines[0]
    line = machine.lines[0]
    kinds = ("commercial", "oem", "free", "unclassified")
    known = [
        replace(
            line, code=f"SC-{n:04d}", name=f"示例软件 {n}", version=f"{n % 20}.{n % 7}", software_type=kinds[n % 4],
            installed_on=date(2024, 1 + n % 12, 1 + n % 28),
        )
        for n in range(NAMES)
    ]  # fmt: skip
    machines = tuple(
        replace(
            machine,
            department=f"第 {n * DEPARTMENTS // MACHINES + 1:02d} 部",
            person=f"员工{n}",
            computer_code=f"PC-{n:05d}",
            lines=tuple(known[(n * 37 + m * 61) % NAMES] for m in range(LINES)),
        )
        for n in range(MACHINES)
    )
    return replace(base, machines=machines)


def ours() -> float:
    """Return the seconds that the form takes."""
    from reports.to_xlsx import render_xlsx

    made = form()
    began = time.perf_counter()
    content = render_xlsx(made)  # type: ignore[arg-type]
    took = time.perf_counter() - began
    print(f"bytes {len(content):,}", file=sys.stderr)
    return took


def bare() -> float:
    """Return the seconds that XlsxWriter takes for the same cells."""
    import xlsxwriter

    from reports.forms.roster import form_entry

    made = form()
    sheets = form_entry(made).lay_out(made, "zh_CN", "official").sheets  # type: ignore[arg-type]
    began = time.perf_counter()
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    plain = book.add_format({"border": 1})
    day = book.add_format({"border": 1, "num_format": "yyyy-mm-dd"})
    for number, sheet in enumerate(sheets):
        page = book.add_worksheet(f"s{number}")
        for at, row in enumerate(sheet.rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(at, column, value, plain)
                elif isinstance(value, date):
                    page.write_datetime(at, column, value, day)
                elif isinstance(value, int):
                    page.write_number(at, column, value, plain)
                else:
                    page.write_blank(at, column, None, plain)
    book.close()
    return time.perf_counter() - began


def _run(which: str) -> tuple[float, float]:
    """Return seconds and peak MiB of one of the two in a process of its own."""
    told = subprocess.run([sys.executable, __file__, which], capture_output=True, text=True, check=True).stdout.split()
    return float(told[0]), float(told[1])


def main() -> int:
    """Print both, the ratio and the peak; end 1 when the gate does not hold."""
    if len(sys.argv) > 1:
        took = ours() if sys.argv[1] == "ours" else bare()
        print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return 0
    (mine, peak), (yardstick, _) = _run("ours"), _run("bare")
    print(f"{MACHINES:,} machines, {MACHINES * LINES:,} lines, {NAMES:,} programs, {DEPARTMENTS} departments")
    print(f"form {mine:.1f} s, {peak:.0f} MiB; bare XlsxWriter {yardstick:.1f} s; ratio {mine / yardstick:.2f}")
    print(f"gate: ratio {GATE}, {GATE_MIB} MiB")
    return 0 if mine / yardstick <= GATE and peak <= GATE_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
