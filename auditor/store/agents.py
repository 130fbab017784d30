"""Agents: who enrolled with which token, and the sealed key that each signs with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, bindparam, select

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


def list_agents(connection: Connection) -> Sequence[AgentRow]:
    """Return every agent, in the order of enrolment."""
    rows = connection.execute(select(agents).order_by(agents.c.enrolled_at, agents.c.id)).mappings()
    return [AgentRow(**row) for row in rows]


def note_agent_seen(connection: Connection, agent: str, *, at: str, version: str | None) -> None:
    """Record that the agent delivered."""
    bulk(connection).run(_SEEN, at, version, agent)


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
