"""Agents: who enrolled with which token, and the sealed key that each signs with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from auditor.store.bulk import Bulk, bulk, query
from auditor.store.tables import agents, enrolment_tokens


@dataclass(frozen=True)
class AgentRow:
    """One enrolled agent."""

    id: str
    name: str
    unit: str | None
    sealed_key: bytes
    enrolled_at: str
    last_seen_at: str | None = None
    version: str | None = None
    revoked_at: str | None = None
    token: int | None = None


_OF_ID = query(
    select(*(agents.c[field.name] for field in fields(AgentRow))).where(agents.c.id == bindparam("wanted")), "wanted"
)


@dataclass(frozen=True)
class TokenRow:
    """One enrolment token, by the digest of its text."""

    id: int
    token_digest: str
    unit: str | None
    uses_left: int
    created_at: str
    expires_at: str


def add_token(
    connection: Connection, *, token_digest: str, unit: str | None, uses: int, created_at: str, expires_at: str
) -> None:
    """Keep a token."""
    connection.execute(
        enrolment_tokens.insert().values(
            token_digest=token_digest, unit=unit, uses_left=uses, created_at=created_at, expires_at=expires_at
        )
    )


def find_token(connection: Connection, token_digest: str) -> TokenRow | None:
    """Return the token of a digest."""
    chosen = select(enrolment_tokens).where(enrolment_tokens.c.token_digest == token_digest)
    row = connection.execute(chosen).mappings().first()
    return TokenRow(**row) if row is not None else None


def use_token(connection: Connection, token: TokenRow) -> bool:
    """Take one use of the token; false when none was left."""
    table = enrolment_tokens
    left = table.update().where(table.c.id == token.id, table.c.uses_left > 0)
    return connection.execute(left.values(uses_left=table.c.uses_left - 1)).rowcount == 1


def add_agent(connection: Connection, agent: AgentRow) -> None:
    """Keep an agent."""
    connection.execute(agents.insert().values(asdict(agent)))


def find_agent(statements: Bulk, agent: str) -> AgentRow | None:
    """Return the agent of an id."""
    row = statements.one(_OF_ID, agent)
    return AgentRow(*row) if row is not None else None


def page_of_agents(
    connection: Connection,
    *,
    units: frozenset[str] | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[AgentRow]:
    """Return agents after a moment of enrolment and an id, in that order; those of some units when they are named."""
    table = agents.c
    chosen = select(agents).order_by(table.enrolled_at, table.id).limit(limit)
    if units is not None:
        chosen = chosen.where(table.unit.in_(sorted(units)))
    if after is not None:
        at, id = after
        chosen = chosen.where(or_(table.enrolled_at > at, and_(table.enrolled_at == at, table.id > id)))
    return [AgentRow(**row) for row in connection.execute(chosen).mappings()]


def agent_versions(connection: Connection, units: frozenset[str] | None = None) -> list[tuple[str, int, str]]:
    """Return release, number of agents in force and when one of them was last seen, most agents first."""
    table = agents.c
    chosen = select(table.version, func.count(), func.max(table.last_seen_at)).where(table.revoked_at.is_(None))
    if units is not None:
        chosen = chosen.where(table.unit.in_(sorted(units)))
    rows = connection.execute(chosen.group_by(table.version))
    return sorted(((v or "", int(n), seen or "") for v, n, seen in rows), key=lambda row: (-row[1], row[0]))


def list_tokens(connection: Connection) -> list[TokenRow]:
    """Return every token, the newest first."""
    rows = connection.execute(select(enrolment_tokens).order_by(enrolment_tokens.c.id.desc())).mappings()
    return [TokenRow(**row) for row in rows]


def end_token(connection: Connection, token: int) -> bool:
    """Take what is left of a token away; false when nothing was."""
    table = enrolment_tokens
    left = table.update().where(table.c.id == token, table.c.uses_left > 0)
    return connection.execute(left.values(uses_left=0)).rowcount == 1


def list_agents(connection: Connection) -> Sequence[AgentRow]:
    """Return every agent, in the order of enrolment."""
    rows = connection.execute(select(agents).order_by(agents.c.enrolled_at, agents.c.id)).mappings()
    return [AgentRow(**row) for row in rows]


def note_agent_seen(connection: Connection, agent: str, *, at: str, version: str | None) -> None:
    """Record that the agent delivered."""
    bulk(connection).run(_SEEN, at, version, agent)


def note_agent_delivered(connection: Connection, agent: str, *, at: str) -> None:
    """Record that the agent delivered, and is of the release that it was."""
    bulk(connection).run(_DELIVERED, at, agent)


_DELIVERED = query(
    agents.update().where(agents.c.id == bindparam("wanted")).values(last_seen_at=bindparam("moment")),
    "moment",
    "wanted",
)
_SEEN = query(
    agents.update()
    .where(agents.c.id == bindparam("wanted"))
    .values(last_seen_at=bindparam("moment"), version=bindparam("release")),
    "moment",
    "release",
    "wanted",
)


def revoke_agent(connection: Connection, agent: str, *, at: str) -> bool:
    """Take the agent's right away; false when it has none."""
    table = agents
    known = table.update().where(table.c.id == agent, table.c.revoked_at.is_(None))
    return connection.execute(known.values(revoked_at=at)).rowcount == 1
