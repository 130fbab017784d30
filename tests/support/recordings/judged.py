"""What a judge of recordings says of one case: found, missed, wrong, and which differences are meant.

A judge is a module of this folder that reads recordings of one source in the corpus together with their expected
answers, lets our own reader read them, and compares: `cases(corpus) -> Iterator[Judged]`. The modules stand in
`JUDGES` of `roster.py`; `tests/test_recordings.py` holds every one to no unexplained difference, and
`tests/benchmarks/score_recordings.py` prints the table that the documentation carries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Judged:
    """One recording against its expected answer. Records are texts such as `name|version`, for people to read."""

    source: str
    """Folder of the corpus: `glpi-agent`, `osv-scalibr` …"""
    kind: str
    """Kind of recording: `os/dpkg`, `windows-hotfixes` …"""
    case: str
    expected: int
    missed: tuple[str, ...] = ()
    """In the expected answer and not in ours."""
    wrong: tuple[str, ...] = ()
    """In ours and not in the expected answer."""
    explained: Mapping[str, str] = field(default_factory=dict)
    """Record that was missed or is too many → the reason why the difference is meant, in one sentence."""

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Differences without a reason."""
        return tuple(text for text in (*self.missed, *self.wrong) if text not in self.explained)


def compare(
    source: str,
    kind: str,
    case: str,
    expected: Iterable[str],
    found: Iterable[str],
    explained: Mapping[str, str] | None = None,
) -> Judged:
    """Return the comparison of two bags of records: a record that is expected twice has to be found twice."""
    wanted, got = Counter(expected), Counter(found)
    missed = tuple(sorted((wanted - got).elements()))
    wrong = tuple(sorted((got - wanted).elements()))
    return Judged(source, kind, case, sum(wanted.values()), missed, wrong, explained or {})
