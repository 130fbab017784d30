"""The release of this program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """Return the version of the installed distribution, `0+checkout` when run from a checkout alone."""
    try:
        return version("zhengban")
    except PackageNotFoundError:
        return "0+checkout"
