"""Start of `zhengban-agent`, and of `python -m agent`."""

from __future__ import annotations

import sys

from agent.cli import main as run


def main() -> None:
    """Run the command line and end with its code."""
    sys.exit(run(is_our_process=True))


if __name__ == "__main__":
    main()
