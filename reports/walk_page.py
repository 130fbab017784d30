"""The walk in one language: its nodes by kind, with the words for facts and links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reports.model import WalkNode
from reports.wording import Wording


@dataclass(frozen=True)
class Labelled:
    """One fact of a node."""

    label: str
    value: str


@dataclass(frozen=True)
class Link:
    """One way on."""

    label: str
    target: str
    """Id of a node, as it stands behind the # of an address."""
    name: str


@dataclass(frozen=True)
class ShownNode:
    """One node as the page shows it."""

    id: str
    name: str
    facts: tuple[Labelled, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class ShownKind:
    """All nodes of one kind."""

    label: str
    nodes: tuple[ShownNode, ...]


def shown_kinds(nodes: Sequence[WalkNode], words: Wording) -> tuple[ShownKind, ...]:
    """Return the nodes by kind, in their order."""
    names = {node.id: node.name for node in nodes}
    return tuple(
        ShownKind(words.text(f"walk.kind.{kind}"), tuple(_shown(node, names, words) for node in mine))
        for kind, mine in groupby(nodes, key=lambda node: node.kind)
    )


def _shown(node: WalkNode, names: dict[str, str], words: Wording) -> ShownNode:
    facts = tuple(Labelled(words.text(f"walk.fact.{name}"), value) for name, value in node.facts)
    links = tuple(
        Link(words.text(f"walk.kind.{kind}"), target, names[target]) for kind, target in node.links if target in names
    )
    return ShownNode(node.id, node.name, facts, links)
