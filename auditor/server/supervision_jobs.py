"""Tasks of supervision that take longer than a page, since a run is worked out again for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.console.viewer import Viewer
from auditor.letters.checks import draw_from_run
from auditor.server.console_jobs import Jobs
from auditor.server.console_state import Console


def begin_draw(
    jobs: Jobs,
    console: Console,
    viewer: Viewer,
    *,
    run: str,
    units: frozenset[str] | None,
    seed: str | None,
    percent: float | None,
    minimum: int | None,
    all_servers: bool | None,
) -> int:
    """Begin to draw computers of a run and return the number of the task."""

    def work(_: int) -> Mapping[str, Any]:
        check = draw_from_run(
            console.store, console.settings, run=run, units=units, seed=seed, percent=percent, minimum=minimum,
            all_servers=all_servers, by=viewer.name, at=console.now(),
        )  # fmt: skip
        return {"made": check["number"]}

    return jobs.begin("draw", viewer.account, {"run": run}, work)
