"""The watchlist of this agent: fetched from the checker and kept in our folder, or given as a file."""

from __future__ import annotations

import os
import time
from typing import Callable

from agent.connection import Connection, Unreachable
from agent.enrolment import Enrolment
from agent.inventory.watchlist import (
    MAX_BYTES,
    DamagedWatchlist,
    Watchlist,
    decode_watchlist,
    digest_of_watchlist,
)
from agent.settings import SettingsError
from agent.state import WATCHLIST_FILE, make_private_folder, write_durably

PATH = "/api/v1/watchlist"


def given_watchlist(path: str) -> Watchlist:
    """Return the list in a file that somebody named. Raises `SettingsError` when it is none."""
    try:
        with open(path, "rb") as file:
            return decode_watchlist(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise SettingsError("watchlist: %s: %s" % (path, error.strerror))
    except DamagedWatchlist as damage:
        raise SettingsError("watchlist: %s: %s" % (path, damage))


def kept_watchlist(state_folder: str) -> Watchlist | None:
    """Return the list that was fetched last, `None` when there is none that can be used."""
    data = _kept_bytes(state_folder)
    try:
        return None if data is None else decode_watchlist(data)
    except DamagedWatchlist:
        return None


def fetch_watchlist(
    connection: Connection, enrolment: Enrolment, state_folder: str, clock: Callable[[], float] = time.time
) -> str | None:
    """Ask the checker for its list and keep it; return why that could not be done, `None` when it was.

    What cannot be decoded is not kept: the old list stays. A checker that has no such page costs nothing.
    """
    kept = _kept_bytes(state_folder)
    headers = enrolment.headers("GET", PATH, b"", int(clock()))
    if kept is not None:
        headers["If-None-Match"] = '"%s"' % digest_of_watchlist(kept)
    try:
        answer = connection.get(PATH, headers)
    except Unreachable as error:
        return str(error)
    if answer.status == 304:
        return None
    if answer.status != 200:
        return "answered %d" % answer.status
    try:
        decode_watchlist(answer.body)
        make_private_folder(state_folder)
        write_durably(os.path.join(state_folder, WATCHLIST_FILE), answer.body)
    except (DamagedWatchlist, OSError) as error:
        return str(error)
    return None


def _kept_bytes(state_folder: str) -> bytes | None:
    try:
        with open(os.path.join(state_folder, WATCHLIST_FILE), "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None
