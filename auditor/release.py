"""The release of this program, as `pyproject.toml` has it; a test holds the two together."""

from __future__ import annotations

RELEASE = "0.1.0"


def release() -> str:
    """Return the version of the distribution."""
    return RELEASE
