"""Where recordings that do not belong to the project lie, when somebody has them."""

from __future__ import annotations

import os
from pathlib import Path


def corpus_folder(name: str = "") -> Path | None:
    """Return the folder `name` of the corpus, `None` when this checkout has no corpus beside it.

    `ZHENGBAN_CORPUS` names the folder; without it `../shared/corpus` beside the checkout is taken.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "corpus"
    folder = Path(os.environ.get("ZHENGBAN_CORPUS", beside)) / name
    return folder if folder.is_dir() else None
