"""Nesting: how deep a document's lists and objects stand in each other, seen from its brackets before it is read."""

from __future__ import annotations

_AS_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_FLESH = bytes(sign for sign in range(256) if sign not in b'[]{}"')
"""What is neither bracket nor quote."""


def is_nested_deeper(document: bytes, most: int) -> bool:
    """Tell whether JSON is nested more than `most` deep; of what is no JSON nothing is said.

    Only brackets outside texts count. A quote that ends one text and the next one's beginning cancel out, so that only
    texts which hold brackets are left to be cut out.
    """
    if b"\\" in document:
        document = document.replace(b"\\\\", b"").replace(b'\\"', b"")
    bones = document.translate(_AS_ONE_KIND, _FLESH).replace(b'""', b"")
    if b'"' in bones:
        bones = b"".join(bones.split(b'"')[::2])
    for _ in range(most):
        if not bones:
            return False
        bones = bones.replace(b"[]", b"")  # the innermost of each branch, no more
    return bool(bones)
