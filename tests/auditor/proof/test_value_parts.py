"""A value written in parts is the value written whole."""

from __future__ import annotations

import pytest
from random_worlds import random_world

from auditor.audit.kept import Kept, codes_of
from auditor.proof.digest import digest_of_parts, sha256_hex
from auditor.proof.values import value_bytes, value_from, value_parts


@pytest.mark.parametrize("size", [1, 2, 3, 7, 5_000])
def test_parts_make_the_whole(size: int) -> None:
    for seed in range(12):
        result = random_world(seed).reconcile()
        kept = Kept(result, codes_of(result.assignments, {"gone": "X"}))
        whole = b"".join(value_parts(kept, size))
        assert whole == value_bytes(kept)
        assert value_from(whole, Kept) == kept
        assert digest_of_parts(value_parts(kept, size)) == sha256_hex(whole)


def test_nothing_is_written_too() -> None:
    assert b"".join(value_parts(())) == b"[]"
    assert b"".join(value_parts({})) == b"{}"
