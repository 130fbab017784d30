"""One product file → Product. Every fault is noted; what can be read is read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rules.fields import Fields, FileFaults
from rules.matching import pattern_fault
from rules.metrics.roster import METRICS
from rules.product import (
    COLLECTORS,
    COUNTED,
    PLATFORMS,
    Category,
    Edition,
    Example,
    Kind,
    LicenceClass,
    Licensing,
    Product,
    ReleaseLine,
    Rule,
)
from rules.product_rights_file import read_alternatives, read_proofs, read_rights
from rules.versions import parse_range
from rules.yaml_file import YamlValue

PRODUCT_ID = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*")
GIVEN = ("edition", "line", "version", "class", "kind")
MOST_ALIASES = 10
_METRIC_IDS = tuple(metric.id for metric in METRICS)
_COUNTRY = re.compile(r"[A-Z]{2}")


def read_product(value: YamlValue, path_id: str, faults: FileFaults) -> Product | None:
    """Return the product of a file whose path says `path_id`; `None` when too little of it can be read."""
    fields = Fields(value, "", faults)
    names = fields.child("names", needed=True)
    zh, en = names.text("zh", needed=True, longest=200), names.text("en", needed=True, longest=200)
    names.close()
    kind = fields.choice("kind", Kind, "KINDS", needed=True)
    category = fields.choice("category", Category, "CATEGORIES", needed=True)
    licensing = _licensing(fields)
    editions, lines = _editions(fields), _lines(fields)
    product_id = _product_id(fields, path_id)
    publisher = fields.text("publisher", needed=True)
    if publisher and product_id and product_id.partition("/")[0] != publisher:
        fields.fault(
            "publisher", f"expected {product_id.partition('/')[0]!r}, the folder of the file, got {publisher!r}"
        )
    aliases = fields.texts("aliases")
    if len(aliases) > MOST_ALIASES:
        fields.fault("aliases", f"expected at most {MOST_ALIASES}, got {len(aliases)}")
    country = read_country(fields)
    parts, sources = fields.texts("parts"), _pages(fields)
    edition_ids, line_ids = {edition.id for edition in editions}, {line.id for line in lines}
    rules = _rules(fields, edition_ids, line_ids)
    evidence, rights = read_proofs(fields), read_rights(fields, edition_ids, line_ids)
    alternatives = read_alternatives(fields)
    fields.close()
    _check_editions(fields, licensing, editions)
    if not (product_id and zh and en and publisher and kind and category and licensing):
        return None
    return Product(
        product_id,
        zh,
        en,
        publisher,
        kind,
        category,
        licensing,
        rules,
        aliases,
        country,
        editions,
        lines,
        parts,
        sources,
        evidence,
        rights,
        alternatives,
    )


def _product_id(fields: Fields, path_id: str) -> str | None:
    found = fields.text("id", needed=True)
    if found is None:
        return None
    if not PRODUCT_ID.fullmatch(found):
        fields.fault("id", f"expected <publisher>/<product> in lower case, digits and hyphens, got {found!r}")
    elif found != path_id:
        fields.fault("id", f"expected {path_id!r}, the path of the file, got {found!r}")
    return found


def read_country(fields: Fields) -> str | None:
    """Return the ISO 3166 code in `country`."""
    country = fields.text("country")
    if country is not None and not _COUNTRY.fullmatch(country):
        fields.fault("country", f"expected two capital letters of ISO 3166, got {country!r}")
    return country


def _pages(fields: Fields) -> tuple[str, ...]:
    pages = fields.texts("sources")
    for number, page in enumerate(pages):
        if not page.startswith(("https://", "http://")):
            fields.fault("sources", f"sources[{number}]: expected the address of a page, got {page!r}")
    return pages


def _licensing(fields: Fields) -> Licensing | None:
    own = fields.child("licensing", needed=True)
    licence_class = own.choice("class", LicenceClass, "LICENCE_CLASSES", needed="licensing" in fields)
    metric = own.word("metric", _METRIC_IDS, "METRICS")
    if licence_class in COUNTED and "metric" not in own:
        own.fault("metric", f"a {licence_class} product is counted: expected one of METRICS ({', '.join(_METRIC_IDS)})")
    terms, read_on = own.text("terms"), own.day("terms_read_on")
    unverified = own.flag("unverified") or False
    if "licensing" in fields:
        _check_basis(own, unverified)
    found = Licensing(
        licence_class or LicenceClass.UNKNOWN,
        metric,
        own.whole("trial_days", 1, 3650),
        terms,
        read_on,
        unverified,
        own.text("note"),
    )
    own.close()
    return found if licence_class is not None else None


def _check_basis(own: Fields, unverified: bool) -> None:
    terms = own.text("terms")
    if terms is not None and not terms.startswith(("https://", "http://")):
        own.fault("terms", f"expected the address of a page, got {terms!r}")
    if unverified and "terms_read_on" in own:
        own.fault("unverified", "expected either unverified or terms_read_on: a page that was read is a basis")
    elif not unverified and not ("terms" in own and "terms_read_on" in own):
        own.fault("terms", "expected terms and terms_read_on, the page that the class rests on, or unverified: true")


def _editions(fields: Fields) -> tuple[Edition, ...]:
    found: list[Edition] = []
    for own in fields.children("editions"):
        edition_id = own.text("id", needed=True)
        zh, en = own.text("zh", needed=True), own.text("en", needed=True)
        licence_class = own.choice("class", LicenceClass, "LICENCE_CLASSES")
        metric = own.word("metric", _METRIC_IDS, "METRICS")
        for_organisations = own.flag("for_organisations")
        own.close()
        if edition_id in {edition.id for edition in found}:
            own.fault("id", f"the edition {edition_id!r} stands twice")
        elif edition_id and zh and en:
            found.append(Edition(edition_id, zh, en, licence_class, metric, for_organisations))
    return tuple(found)


def _check_editions(fields: Fields, licensing: Licensing | None, editions: tuple[Edition, ...]) -> None:
    for number, edition in enumerate(editions):
        if (
            edition.licence_class in COUNTED
            and edition.metric is None
            and (licensing is None or licensing.metric is None)
        ):
            where = f"editions[{number}].metric"
            fields.faults.note(where, f"a {edition.licence_class} edition is counted: expected one of METRICS")


def _lines(fields: Fields) -> tuple[ReleaseLine, ...]:
    found: list[ReleaseLine] = []
    for own in fields.children("lines"):
        line_id = own.text("id", needed=True, longest=60)
        line = ReleaseLine(line_id or "", own.day("released"), own.day("support_ends"), own.whole("rank", 0, 100_000))
        own.close()
        if line.released_on and line.support_ends_on and line.support_ends_on < line.released_on:
            own.fault(
                "support_ends", f"expected a day after the release, {line.released_on}, got {line.support_ends_on}"
            )
        if line_id in {known.id for known in found}:
            own.fault("id", f"the line {line_id!r} stands twice")
        elif line_id:
            found.append(line)
    return tuple(found)


def _rules(fields: Fields, editions: set[str], lines: set[str]) -> tuple[Rule, ...]:
    found: list[Rule] = []
    children = fields.children("recognise")
    if not children:
        fields.fault("recognise", "expected at least one rule")
    for own in children:
        rule = _rule(own, editions, lines)
        if rule.id in {known.id for known in found}:
            own.fault("id", f"the rule {rule.id!r} stands twice")
        found.append(rule)
    return tuple(found)


def _rule(own: Fields, editions: set[str], lines: set[str]) -> Rule:
    rule = Rule(
        id=own.text("id", needed=True, longest=60) or "",
        name=_pattern(own, "name"),
        identifier=_pattern(own, "identifier"),
        publisher=own.text("publisher"),
        publisher_required=own.flag("publisher_required") or False,
        collectors=_words(own, "collector", COLLECTORS, "COLLECTORS"),
        platforms=_words(own, "platform", PLATFORMS, "PLATFORMS"),
        versions=_range(own),
        edition=_known(own, "edition", editions, "editions"),
        line=_known(own, "line", lines, "lines") if lines else own.text("line"),
        edition_words=own.pairs("edition_words"),
        licence_class=own.choice("class", LicenceClass, "LICENCE_CLASSES"),
        kind=own.choice("kind", Kind, "KINDS"),
        matches=_examples(own, "matches"),
        rejects=_examples(own, "rejects"),
    )
    _check_rule(own, rule, editions)
    own.close()
    return rule


def _check_rule(own: Fields, rule: Rule, editions: set[str]) -> None:
    if "name" not in own and "identifier" not in own:
        own.fault("name", "expected a pattern for the name or for the identifier")
    if rule.publisher_required and rule.publisher is None:
        own.fault("publisher_required", "expected a publisher to require")
    for word, edition in rule.edition_words:
        if edition not in editions:
            own.fault("edition_words", f"{word!r} means {edition!r}, which is no edition of the product")
    if not rule.matches:
        own.fault("matches", "name at least one text that must match")
    if not rule.rejects:
        own.fault("rejects", "name at least one text that must not match")


def _pattern(own: Fields, key: str) -> str | None:
    pattern = own.text(key)
    fault = pattern_fault(pattern) if pattern is not None else None
    if fault is None:
        return pattern
    own.fault(key, fault)
    return None


def _words(own: Fields, key: str, vocabulary: tuple[str, ...], title: str) -> tuple[str, ...]:
    found = own.texts(key, one_may_stand_alone=True)
    for word in found:
        if word not in vocabulary:
            own.fault(key, f"expected words of {title}, got {word!r} ({title}: {', '.join(vocabulary)})")
    return found


def _range(own: Fields) -> str | None:
    text = own.text("versions")
    try:
        if text is not None:
            parse_range(text)
    except ValueError as error:
        own.fault("versions", str(error))
        return None
    return text


def _known(own: Fields, key: str, known: set[str], title: str) -> str | None:
    found = own.text(key)
    if found is not None and found not in known:
        own.fault(key, f"expected one of the product's {title} ({', '.join(sorted(known)) or 'none'}), got {found!r}")
    return found


def _examples(own: Fields, key: str) -> tuple[Example, ...]:
    return tuple(found for where, value in own.items(key) if (found := _example(own, where, value)) is not None)


def _example(own: Fields, where: str, value: YamlValue) -> Example | None:
    if value.words is not None and value.words.strip():
        return Example(name=value.words)
    if not isinstance(value.value, Mapping):
        own.faults.note(where, "expected a title, or a mapping with its name", value.line)
        return None
    fields = Fields(value, where, own.faults)
    identifier = fields.text("identifier")
    name = fields.text("name", needed=identifier is None)
    found = Example(
        name or identifier or "", fields.text("publisher"), fields.text("version"), identifier, _gives(fields)
    )
    fields.close()
    return found


def _gives(fields: Fields) -> dict[str, str]:
    given = dict(fields.pairs("gives"))
    for key in given:
        if key not in GIVEN:
            fields.fault("gives", f"expected {', '.join(GIVEN)}, got {key!r}")
    return {key: text for key, text in given.items() if key in GIVEN}
