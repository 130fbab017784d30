"""Writes small programs of Windows: headers, one section with a version resource, and a signature when asked for."""

from __future__ import annotations

import struct
from datetime import datetime, timezone


def write_program(texts: dict[str, str], *, language: int = 0x0804, signature: bytes = b"") -> bytes:
    """Return a PE32+ file whose version resource holds `texts` (`ProductName` …) in one language."""
    version = _version(texts, language)
    resources = _resources(version, 0x1000)
    headers = bytearray(0x200)
    headers[:2] = b"MZ"
    struct.pack_into("<I", headers, 60, 0x40)
    headers[0x40:0x44] = b"PE\0\0"
    struct.pack_into("<HHIIIHH", headers, 0x44, 0x8664, 1, 0, 0, 0, 240, 0x22)
    optional = 0x58
    struct.pack_into("<H", headers, optional, 0x20B)
    struct.pack_into("<I", headers, optional + 108, 16)
    struct.pack_into("<II", headers, optional + 112 + 2 * 8, 0x1000, len(resources))
    section = optional + 240
    headers[section : section + 8] = b".rsrc\0\0\0"
    struct.pack_into("<IIII", headers, section + 8, len(resources), 0x1000, len(resources), 0x200)
    body = bytes(headers) + resources
    if signature:
        body += b"\0" * (-len(body) % 8)
        struct.pack_into("<II", headers, optional + 112 + 4 * 8, len(body), len(signature) + 8)
        body = bytes(headers) + body[len(headers) :]
        body += struct.pack("<IHH", len(signature) + 8, 0x200, 2) + signature
    return body


def signature_by(organisation: str, common_name: str = "Code Signing") -> bytes:
    """Return a PKCS #7 signature made with a fresh key whose certificate bears this organisation."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs7
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    name = x509.Name(parts)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4242)
        .not_valid_before(datetime(2024, 1, 1, tzinfo=timezone.utc))
        .not_valid_after(datetime(2034, 1, 1, tzinfo=timezone.utc))
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"digest").add_signer(certificate, key, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _node(key: str, value: bytes, value_length: int, is_text: bool, children: bytes = b"") -> bytes:
    head = key.encode("utf-16-le") + b"\0\0"
    start = b"\0" * 6 + head
    start += b"\0" * (-len(start) % 4) + value
    if children:
        start += b"\0" * (-len(start) % 4) + children
    return struct.pack("<HHH", len(start), value_length, int(is_text)) + start[6:]


def _joined(nodes: list[bytes]) -> bytes:
    found = b""
    for node in nodes:
        found += b"\0" * (-len(found) % 4) + node
    return found


def _version(texts: dict[str, str], language: int) -> bytes:
    strings = [_node(name, text.encode("utf-16-le") + b"\0\0", len(text) + 1, True) for name, text in texts.items()]
    table = _node("%04x04b0" % language, b"", 0, True, _joined(strings))
    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, 0x000B0001, 0x00020003, 0x000B0001, 0, 0, 0, 4, 1, 0, 0, 0)
    return _node("VS_VERSION_INFO", fixed, len(fixed), False, _node("StringFileInfo", b"", 0, True, table))


def _resources(data: bytes, address: int) -> bytes:
    """Return a resource section with one resource: kind 16, number 1, one language."""
    levels = b""
    for number, (identity, is_leaf) in enumerate(((16, False), (1, False), (0x0804, True))):
        place = (number + 1) * 24
        levels += struct.pack("<IIHHHH", 0, 0, 0, 0, 0, 1) + struct.pack(
            "<II", identity, place | (0 if is_leaf else 1 << 31)
        )
    leaf = struct.pack("<IIII", address + len(levels) + 16, len(data), 0, 0)
    return levels + leaf + data
