"""Who signed a program, as the certificate in its signature says. Nothing is verified: the name is a claim.

The signature is PKCS #7 SignedData (RFC 2315) in DER. Of its certificates that one counts whose issuer and serial
number the first SignerInfo names; of its subject the organisation, else the common name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List

MAX_DEPTH = 12
MAX_NODES = 4000

_SEQUENCE, _SET, _CERTIFICATES, _INTEGER, _OID = 0x30, 0x31, 0xA0, 0x02, 0x06
_ORGANISATION, _COMMON_NAME = b"\x55\x04\x0a", b"\x55\x04\x03"
_ENCODINGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be", 0x1C: "utf-32-be"}


@dataclass(frozen=True)
class _Node:
    tag: int
    raw: bytes
    """The node as it lies there, head included."""
    content: bytes


class _Damaged(ValueError):
    pass


def signer_of(signature: bytes) -> str | None:
    """Return the name of who signed, `None` when the bytes do not tell it."""
    try:
        return _signer(signature)
    except (_Damaged, IndexError):
        return None


def _signer(signature: bytes) -> str | None:
    signed = _nodes(_nodes(_only(signature).content)[1].content)[0]
    parts = _nodes(signed.content)
    certificates = next((each for each in parts if each.tag == _CERTIFICATES), None)
    infos = next((each for each in reversed(parts) if each.tag == _SET), None)
    if certificates is None or infos is None:
        return None
    issuer, serial = _nodes(_nodes(_nodes(infos.content)[0].content)[1].content)[:2]
    for certificate in _nodes(certificates.content):
        fields = _nodes(_nodes(certificate.content)[0].content)
        if fields[0].tag == _CERTIFICATES:
            fields = fields[1:]
        if fields[0].raw == serial.raw and fields[2].raw == issuer.raw:
            return _name(fields[4])
    return None


def _name(subject: _Node) -> str | None:
    """Return the organisation of a subject, else its common name."""
    found: Dict[bytes, str] = {}
    for part in _nodes(subject.content):
        for pair in _nodes(part.content):
            kind, value = _nodes(pair.content)[:2]
            encoding = _ENCODINGS.get(value.tag)
            if kind.tag == _OID and encoding is not None:
                found.setdefault(kind.content, value.content.decode(encoding, "replace").strip())
    return found.get(_ORGANISATION) or found.get(_COMMON_NAME) or None


def _only(data: bytes) -> _Node:
    found = next(_walk(data), None)
    if found is None:
        raise _Damaged("nothing there")
    return found


def _nodes(data: bytes) -> List[_Node]:
    found = []
    for node in _walk(data):
        found.append(node)
        if len(found) > MAX_NODES:
            raise _Damaged("too many nodes")
    return found


def _walk(data: bytes) -> Iterator[_Node]:
    at = 0
    while at + 2 <= len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or start + count > len(data):
                raise _Damaged("a length that cannot be")
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if start + length > len(data):
            raise _Damaged("a node beyond the end")
        yield _Node(tag, data[at : start + length], data[start : start + length])
        at = start + length
