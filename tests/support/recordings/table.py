"""The table of all judges: what each kind of recording expects, what was found, and the reasons for differences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recordings.judged import Judged
from recordings.wording import in_chinese

BEGIN, END = "<!-- table: written by tests/benchmarks/score_recordings.py --docs -->", "<!-- end of the table -->"
_HEAD = (
    "| 来源 / source | 种类 / kind | 文件 / cases | 应有 / expected "
    "| 找到 / found | 漏 / missed | 误 / wrong | 未说明 / unexplained |",
    "|---|---|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class Row:
    """All cases of one kind of one source."""

    figures: tuple[str, str, int, int, int, int, int, int]
    """Source, kind, cases, expected, found, missed, wrong, unexplained."""
    reasons: tuple[tuple[str, int], ...]
    """Why differences are meant, and how many."""


def rows_of(judged: Iterable[Judged]) -> list[Row]:
    """Return one row for each source and kind, sorted."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for each in judged:
        groups.setdefault((each.source, each.kind), []).append(each)
    return [_row(source, kind, members) for (source, kind), members in sorted(groups.items())]


def _row(source: str, kind: str, members: list[Judged]) -> Row:
    expected = sum(each.expected for each in members)
    missed = sum(len(each.missed) for each in members)
    wrong = sum(len(each.wrong) for each in members)
    unexplained = sum(len(each.unexplained) for each in members)
    reasons = Counter(
        each.explained[text] for each in members for text in (*each.missed, *each.wrong) if text in each.explained
    )
    figures = (source, kind, len(members), expected, expected - missed, missed, wrong, unexplained)
    return Row(figures, tuple(sorted(reasons.items())))


def kinds_without_judge(corpus: Path, judged: Iterable[Judged]) -> Iterator[tuple[str, str, int]]:
    """Yield the kinds of recordings that nobody judges, and how many cases each has."""
    known = {(each.source, each.kind) for each in judged}
    counts: Counter[tuple[str, str]] = Counter()
    for path in corpus.glob("*/expected/*.json"):
        answer = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(answer, dict) and "kind" in answer:
            counts[(path.parts[-3], answer["kind"])] += 1
    for (source, kind), count in sorted(counts.items()):
        if (source, kind) not in known:
            yield source, kind, count


def written_into(text: str, rows: Iterable[Row]) -> str:
    """Return the document with its table replaced. Raises `ValueError` when it has no place for one."""
    rows = list(rows)
    lines = [*_HEAD]
    lines += ["| %s | %s | %d | %d | %d | %d | %d | %d |" % row.figures for row in rows]
    lines += ["", "**差异的理由 / reasons for differences**", ""]
    for row in rows:
        for reason, count in row.reasons:
            lines.append(f"- `{row.figures[0]}` {row.figures[1]}（{count}）：{in_chinese(reason)} / {reason}.")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected the lines {BEGIN} and {END}")
    return "\n".join([before + BEGIN, "", *lines, "", END + after])
