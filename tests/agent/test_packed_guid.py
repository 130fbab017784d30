"""Packed GUIDs of Windows Installer: both ways, and what is none."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.packed_guid import packed, unpacked


def test_a_known_pair() -> None:
    assert unpacked("00002109110000000000000000F01FEC") == "{90120000-0011-0000-0000-0000000FF1CE}"
    assert packed("{90120000-0011-0000-0000-0000000FF1CE}") == "00002109110000000000000000F01FEC"


@given(st.uuids())
def test_there_and_back(number: uuid.UUID) -> None:
    guid = "{%s}" % str(number).upper()
    code = packed(guid)
    assert code is not None and len(code) == 32 and unpacked(code) == guid


@pytest.mark.parametrize("text", ["", "AddressBook", "{short}", "Z" * 32, "0" * 31])
def test_what_is_none(text: str) -> None:
    assert (unpacked(text), packed(text)) == (None, None)
