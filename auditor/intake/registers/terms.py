"""What a ledger says of a right in its own words: 许可数量, 许可期限, 可使用版本 → numbers, days, allowed versions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from auditor.core.entitlement import AllowedVersion
from auditor.intake.registers.cells import Unreadable, day, days_in, last_day, several, text, whole
from auditor.intake.tables import Value
from rules.ledger_names import LedgerName, edition_of, line_of
from rules.product import Product, ReleaseLine
from rules.versions import dotted_version

UNLIMITED = ("不限", "不限量", "不限数量", "无限", "无限制", "场地", "场地许可", "unlimited", "site")
FOREVER = ("永久", "永久授权", "永久许可", "永久有效", "永久使用", "长期", "长期有效", "无限期", "不限", "买断", "终身",
           "perpetual", "permanent")  # fmt: skip
ANY_VERSION = (*UNLIMITED, "全部", "所有", "所有版本", "任意版本", "全部版本", "不限版本", "版本不限", "any", "all")
_NUMERALS = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
_SPAN = re.compile(r"(\d{1,3}|[一二两三四五六七八九十])?(个?月|年|year|years|months?)?(期|有效|授权)?")


def quantity(cell: Value) -> int | None:
    """许可数量: a whole number of at least 0, or `None` for 不限 / 场地."""
    return None if text(cell).casefold() in UNLIMITED else whole(cell)


def is_forever(told: str) -> bool:
    """Whether 许可期限 names no end."""
    return told.strip().casefold() in FOREVER


def term_of(told: str, start: date | None) -> tuple[date | None, date | None]:
    """Return first and last day of 许可期限 as told; `start` is where a span of years or months begins.

    Both are `None` for 永久. Raises `Unreadable`.
    """
    told = unicodedata.normalize("NFKC", told).strip()
    if not told or is_forever(told):
        return start, None
    days = days_in(told)
    if len(days) in (1, 2):
        first = last_day(days[0][0]) if len(days) == 1 else day(days[0][0])
        beside = re.split("|".join(re.escape(found[0]) for found in days), told)
        rest = re.sub(r"[\s至到止起自从截的~—\-期有效:]+", "", "".join(beside))
        if not rest:
            if len(days) == 1 and told.endswith("起"):
                raise _not_a_term()
            return (start, first) if len(days) == 1 else (first, last_day(days[1][0]))
    span = _SPAN.fullmatch(told.replace(" ", "").casefold())
    if span is None or span[1] is None:
        raise _not_a_term()
    if start is None:
        raise Unreadable(
            "可推算的期限：按年计的期限需同时填写采购时间或起始日期", "采购时间 or 起始日期 to count the term from"
        )
    count = int(span[1]) if span[1].isdigit() else _NUMERALS[span[1]]
    months = count if "月" in (span[2] or "") or "month" in (span[2] or "") else 12 * count
    return start, months_later(start, months) - timedelta(days=1)


def months_later(start: date, months: int) -> date:
    """Return the day so many months later; a day that the month does not have is the first of the next."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    try:
        return start.replace(year=year, month=month + 1)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1)


def _not_a_term() -> Unreadable:
    return Unreadable("永久、截止日期或年数，如 2026-12-31、3年", "永久, a last day or a number of years")


def allowed_versions(
    cell: Value, product: Product | None, known: LedgerName | None, basis: str | None
) -> Iterator[AllowedVersion]:
    """Read 可使用版本: lines or versions separated by 、 / 和, 不限, `2016及以下`, `2019及以上`.

    An entry that names neither is kept as written and allows nothing more than the version bought.
    """
    for part in _parts(cell):
        if part.casefold() in ANY_VERSION:
            yield AllowedVersion(part, versions="*", basis=basis)
            continue
        reach = re.fullmatch(r"(.+?)(?:版本?)?(?:及其?|或)?(以下|以前|之前|更早|更低|以上|以后|更高)(?:的?版本)?", part)
        named = reach[1] if reach is not None else part
        up = reach is not None and reach[2] in ("以上", "以后", "更高")
        edition = edition_of(product, named) if product is not None else None
        edition = edition or (known.edition if known is not None else None)
        line = line_of(product, named) if product is not None else None
        if line is not None and product is not None:
            for one in _lines_from(product, line, older=reach is not None and not up, newer=up):
                yield AllowedVersion(part if one == line else one, line=one, edition=edition, basis=basis)
        else:
            yield AllowedVersion(
                part, versions=_range(named, older=reach is not None and not up, newer=up), edition=edition, basis=basis
            )


def _parts(cell: Value) -> list[str]:
    """`2016、2013`, `2016/2013`, `2016和2013`; the 及 of 及以下 parts nothing."""
    pieces = [piece.strip() for part in several(cell) for piece in re.split(r"[/和与]|及(?![以其更])", part)]
    return [piece for piece in pieces if piece]


def _lines_from(product: Product, line: str, *, older: bool, newer: bool) -> list[str]:
    """Return the line, and the lines before or after it, those nearest to it first."""

    def order(entry: tuple[int, ReleaseLine]) -> tuple[int, int]:
        return (entry[1].rank if entry[1].rank is not None else entry[0], entry[0])

    lines = [entry.id for _, entry in sorted(enumerate(product.lines), key=order)]
    place = lines.index(line)
    if older:
        return lines[place::-1]
    return lines[place:] if newer else [line]


def _range(told: str, *, older: bool, newer: bool) -> str | None:
    """`12.8` → `>=12.8,<12.9`; `12.8及以下` → `<12.9`; a text without a number names no version."""
    version = dotted_version(unicodedata.normalize("NFKC", told))
    if version is None:
        return None
    pieces = [int(piece) for piece in version.split(".")]
    following = ".".join(str(piece) for piece in [*pieces[:-1], pieces[-1] + 1])
    if newer:
        return f">={version}"
    return f"<{following}" if older else f">={version},<{following}"
