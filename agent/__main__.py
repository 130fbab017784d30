"""Start of `zhengban-agent`, and of `python -m agent`."""

from __future__ import annotations

import argparse
import os
import sys

from agent.cli import main as run

OUTPUT_LOST = 120
"""What Python itself ends with when the last of its output cannot be written."""


def main() -> None:
    """Run the command line and end with its code, without taking the interpreter apart.

    That would free record by record what the system frees at once. Every file of ours is closed by then.
    """
    vars(argparse)["_"] = str  # its words are ours: no search for translations in the system's folders
    os._exit(_written(run(is_our_process=True)))


def _written(code: int) -> int:
    """Return the code once everything that was printed is written, or that it could not be."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return OUTPUT_LOST
    except AttributeError:  # started without a console, as a Windows task is
        return code
    return code


if __name__ == "__main__":
    main()
