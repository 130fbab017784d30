"""Staging: the files of the agent as an installed program has them, from `agent/` alone.

What is only wanted to build or to roll out (`deploy/`) and what only people read (`inventory/schema/`) stays out.
"""

from __future__ import annotations

import os
import shutil

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder `agent` of the checkout."""
START = '''"""Start of zhengban-agent."""

from agent.__main__ import main

main()
'''
_LEFT_OUT = ("deploy", "schema", "__pycache__")


def stage(folder: str) -> list[str]:
    """Copy the agent below `folder`, with a `__main__.py` beside it; return the names of the files, sorted."""
    written = []
    for above, folders, files in os.walk(SOURCE):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        place = os.path.join("agent", os.path.relpath(above, SOURCE))
        for name in sorted(files):
            if name.endswith(".py"):
                written.append(_copied(os.path.join(above, name), folder, os.path.normpath(os.path.join(place, name))))
    with open(os.path.join(folder, "__main__.py"), "w", encoding="utf-8", newline="\n") as start:
        start.write(START)
    return sorted(written + ["__main__.py"])


def _copied(path: str, folder: str, name: str) -> str:
    target = os.path.join(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(path, target)
    return name
