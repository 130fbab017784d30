"""Staging: the files of the agent as an installed program has them, from `agent/` alone.

What is only wanted to build or to roll out (`deploy/`) and what only people read (`inventory/schema/`) stays out.
"""

from __future__ import annotations

import os

from agent.deploy.unrolling import MODULE, SUPPORT, unroll

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder `agent` of the checkout."""
START = '''"""Start of zhengban-agent."""

from agent.__main__ import main

main()
'''
_LEFT_OUT = ("deploy", "schema", "__pycache__")


def stage(folder: str) -> list[str]:
    """Write the agent below `folder`, dataclasses unrolled, and its start; return the names of the files, sorted."""
    written = []
    for above, folders, files in os.walk(SOURCE):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        place = os.path.join("agent", os.path.relpath(above, SOURCE))
        for name in sorted(files):
            if name.endswith(".py"):
                written.append(_copied(os.path.join(above, name), folder, os.path.normpath(os.path.join(place, name))))
    for name, text in (("__main__.py", START), (MODULE, SUPPORT)):
        written.append(_written(text, folder, os.path.normpath(name)))
    return sorted(written)


def _copied(path: str, folder: str, name: str) -> str:
    with open(path, encoding="utf-8") as file:
        return _written(unroll(file.read(), name), folder, name)


def _written(text: str, folder: str, name: str) -> str:
    target = os.path.join(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return name
