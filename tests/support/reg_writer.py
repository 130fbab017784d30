"""Writes registry exports as regedit does: UTF-16 with a byte order mark, CRLF, long values in lines of bytes."""

from __future__ import annotations

from hive_writer import Key, Typed, typed_value

_LINE = 80


def write_export(root: str, key: Key) -> bytes:
    """Return the export of `key` and everything below it, its path being `root`."""
    lines = ["Windows Registry Editor Version 5.00", ""]
    _write_key(lines, root, key)
    return b"\xff\xfe" + ("\r\n".join(lines) + "\r\n").encode("utf-16-le")


def write_old_export(root: str, key: Key, code_page: str) -> bytes:
    """Return the same in the older form, `REGEDIT4`, in a code page. Texts and numbers only."""
    lines = ["REGEDIT4", ""]
    _write_key(lines, root, key)
    return ("\r\n".join(lines) + "\r\n").encode(code_page)


def _write_key(lines: list[str], path: str, key: Key) -> None:
    lines.append(f"[{path}]")
    for name, value in key.values.items():
        left = "@=" if name == "" else f'"{_escaped(name)}"='
        if isinstance(value, str):
            lines.append(f'{left}"{_escaped(value)}"')
        elif isinstance(value, int) and value < 1 << 32:
            lines.append(f"{left}dword:{value:08x}")
        else:
            lines.extend(_in_bytes(left, typed_value(value)))
    lines.append("")
    for name, inner in key.subkeys.items():
        _write_key(lines, path + "\\" + name, inner)


def _in_bytes(left: str, value: Typed) -> list[str]:
    """Return `name=hex(kind):aa,bb,…` in lines of at most 80 characters."""
    kind = "hex:" if value.kind == 3 else f"hex({value.kind:x}):"
    lines = [left + kind]
    for number, byte in enumerate(value.data):
        text = f"{byte:02x}" + ("" if number == len(value.data) - 1 else ",")
        if len(lines[-1]) + len(text) > _LINE - 1:
            lines[-1] += "\\"
            lines.append("  ")
        lines[-1] += text
    return lines


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
