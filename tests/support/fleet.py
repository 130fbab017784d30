"""A fleet by seed: machines that nobody has seen, their agents, and their requests as bytes, signed and ready."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from inventories import debian, document, package

from agent.inventory.document import Scanner
from auditor.core.days import utc_text
from auditor.intake.enrolment import enrol, issue_token, sign
from auditor.store.database import Store

TITLES, SHARED = 150, 135
"""Titles of a machine, and how many of them are from the pool that all share; the rest no other machine has."""
POOL = 400
PATH = "/api/v1/inventories"


@dataclass(frozen=True)
class Member:
    """One machine with the key of its agent."""

    number: int
    agent: str
    key: bytes


def enrolled_fleet(store: Store, count: int, *, now: datetime) -> list[Member]:
    """Enrol agents for `count` machines."""
    token = issue_token(store, uses=count, now=now)
    members = []
    for number in range(count):
        found = enrol(store, token=token, name=f"pc-{number}", version="1", now=now)
        members.append(Member(number, found.agent, found.key))
    return members


def inventories_of(count: int, *, seed: int, at: datetime) -> Iterator[bytes]:
    """Yield the documents of `count` new machines: nine titles in ten are shared, as in an organisation."""
    chance = random.Random(seed)
    pool = [package(f"lib{n}", f"1.{n % 9}", publisher=f"Team {n % 40}") for n in range(POOL)]
    for number in range(count):
        own = [package(f"own{number}-{n}", "2.0", publisher="House") for n in range(TITLES - SHARED)]
        mac = f"3c:52:{number >> 24 & 255:02x}:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
        yield document(
            [*chance.sample(pool, SHARED), *own],
            at=utc_text(at),
            name=f"pc-{number}",
            serial=f"SN{number:08d}",
            mac_addresses=(mac,),
            system=debian(f"{number + 1:032x}"),
            scanner=Scanner("zhengban-agent", "1"),
        )


def request_of(member: Member, inventory: bytes, *, now: datetime) -> bytes:
    """Return one request as it goes over the wire: gzip, signed, on a connection that stays open."""
    body = gzip.compress(inventory, 6, mtime=0)
    signed = sign(member.key, agent=member.agent, method="POST", path=PATH, body=body, now=now)
    heads = {"Host": "checker", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    heads |= signed | {"Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in heads.items())
    return f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode() + body
