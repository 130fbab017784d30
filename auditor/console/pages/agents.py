"""Agents, their releases, enrolment tokens."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.store.agents import AgentRow, TokenRow


def page(
    frame: Frame,
    rows: Sequence[AgentRow],
    *,
    versions: Sequence[tuple[str, int, str]],
    tokens: Sequence[TokenRow],
    units: Sequence[tuple[str, str]],
    personal: frozenset[str],
    after: tuple[str, str] | None,
    now: str,
    token: str | None = None,
) -> str:
    """Return one page of agents; `token` is one that was just made, shown this once.

    An agent's name is the host name of its machine: it is shown where names of persons are, in the units `personal`.
    """
    return render(
        "agents.html.j2",
        frame,
        rows=rows,
        versions=versions,
        tokens=tokens,
        units=units,
        shows=lambda unit: unit in personal,
        after=key_text(after),
        now=now,
        token=token,
    )
