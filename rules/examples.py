"""The examples of a rule, run: every `matches` must match and give what it says, no `rejects` may match."""

from __future__ import annotations

from collections.abc import Iterator

from rules.catalogue import Catalogue
from rules.product import Example, Product, Rule
from rules.publishers import PublisherNames
from rules.recognised import Recognition
from rules.recognition import BoundRule, Recogniser
from rules.title import Title

_PLATFORM_OF = {
    "uninstall_keys": "windows",
    "appx": "windows",
    "applications": "macos",
    "receipts": "macos",
    "homebrew": "macos",
}
_LINUX = frozenset({"dpkg", "rpm", "pacman", "apk", "snap", "flatpak", "opt_apps", "desktop_entries"})


def example_title(rule: Rule, example: Example) -> Title:
    """Return the title that an example stands for: in the first source and platform that the rule asks for.

    An example without identifier, in a rule that asks for nothing else, is the identifier.
    """
    source = rule.collectors[0] if rule.collectors else "uninstall_keys"
    usual = "linux" if source in _LINUX else _PLATFORM_OF.get(source, "windows")
    platform = usual if not rule.platforms or usual in rule.platforms else rule.platforms[0]
    only_identifier = rule.identifier is not None and rule.name is None
    return Title(
        platform=platform,
        source=source,
        name=example.name,
        publisher=example.publisher,
        version=example.version,
        identifier=example.identifier or (example.name if only_identifier else None),
    )


def example_faults(product: Product, names: PublisherNames) -> Iterator[tuple[str, str]]:
    """Yield (path in the product file, what is wrong) for every example that does not hold."""
    for number, rule in enumerate(product.rules):
        bound = BoundRule(product, rule)
        for place, example in enumerate(rule.matches):
            where = f"recognise[{number}].matches[{place}]"
            yield from ((where, what) for what in _match_faults(bound, example, names))
        for place, example in enumerate(rule.rejects):
            title = example_title(rule, example)
            publisher = names.publisher_id(title.publisher)
            if bound.patterns_hold(title) and bound.holds_beside_patterns(title, publisher):
                yield f"recognise[{number}].rejects[{place}]", f"{example.name!r} matches, and must not"


def _match_faults(bound: BoundRule, example: Example, names: PublisherNames) -> Iterator[str]:
    title = example_title(bound.rule, example)
    publisher = names.publisher_id(title.publisher)
    if not bound.patterns_hold(title):
        yield f"{example.name!r} does not match"
        return
    if not bound.holds_beside_patterns(title, publisher):
        yield f"{example.name!r} matches, but its {_failing(bound, title, publisher)} does not hold"
        return
    given = _given(bound.recognition(title, publisher))
    for key, expected in example.gives.items():
        if given[key] != expected:
            yield f"{example.name!r} gives {key} {given[key]!r}, expected {expected!r}"


def _failing(bound: BoundRule, title: Title, publisher: str | None) -> str:
    if bound.rule.publisher is not None and publisher != bound.rule.publisher:
        return f"publisher ({title.publisher!r} is no spelling of {bound.rule.publisher})"
    return f"version ({title.version!r} is not in {bound.rule.versions!r})"


def _given(found: Recognition) -> dict[str, str | None]:
    return {
        "edition": found.edition,
        "line": found.line,
        "version": found.version,
        "class": found.licence_class.value,
        "kind": found.kind.value,
    }


def stray_examples(catalogue: Catalogue) -> Iterator[str]:
    """Yield a line for every example that the whole catalogue gives to another product than the rule's own.

    Not a fault: two products may share a name. The author decides whether a rule should be narrower.
    """
    recogniser = Recogniser(catalogue)
    for product in catalogue.products.values():
        for rule in product.rules:
            for example in rule.matches:
                found = recogniser.recognise(example_title(rule, example))
                if found.product != product.id:
                    yield f"{product.id}#{rule.id}: {example.name!r} is taken by {found.rule}"
