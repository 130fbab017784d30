"""A file of the cache that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, data: bytes) -> None:
    """Write beside and rename, so that nobody reads half a file. A folder that cannot be written is passed over."""
    import tempfile  # a start that finds its cache writes nothing

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(beside, file)
    except OSError:
        return
