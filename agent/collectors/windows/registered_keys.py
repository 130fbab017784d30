"""Product keys that Windows and Office registered when they were set up: product, product id, last five characters.

Source: `DigitalProductId` and `ProductId` of `Windows NT\\CurrentVersion` (scope `registered_keys:windows`), of
    every key below `Microsoft\\Office\\<version>\\Registration` in both views (`registered_keys:office`). What
    Office 2003 to 2010 and Windows XP and 2003 know of their licence stands nowhere else. Recorded files: `.reg`
    exports, SOFTWARE hives.
Absent: no such key, or no product id and no key in any of them (Click-to-Run Office registers names alone).
Keys:   the last five characters alone; a volume key is wiped by Windows and leaves none.
Channel: `OEM`, `Retail` or the like as DigitalProductId says since Windows 7; `OEM` where Office says so.
Gaps:   on newer Windows this is the key of the set-up, which a later activation need not have used: what the licensing
    services say (collector `activation`) goes before it.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, opened
from agent.formats.digital_product_id import channel_of, last_five_of
from agent.formats.product_key import without_keys
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Activation
from agent.machine.base import Machine, Unreadable

NAME = "registered_keys"
WINDOWS = NAME + ":windows"
OFFICE = NAME + ":office"
CURRENT_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
MAX_REGISTRATIONS = 5000

_OFFICE_VERSION = re.compile(r"\d{1,2}\.0")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what Windows and every Office registered."""
    yield from registered(machine.registry_key)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a SOFTWARE hive or a `.reg` export holds. Raises `Unreadable` when it is neither."""
    yield from registered(opened(data, name).read)


def registered(read: Reader) -> Iterator[Found]:
    """Yield one scope after the other."""
    for scope, find in ((WINDOWS, _windows), (OFFICE, _office)):
        try:
            found = list(find(read))
        except (Unreadable, DamagedHive) as error:
            yield ScopeFailed(scope, str(error))
            continue
        if not found:
            yield ScopeAbsent(scope)
            continue
        yield Scope(scope)
        yield from found


def _windows(read: Reader) -> Iterator[Found]:
    key = read(CURRENT_VERSION)
    if key is None:
        return
    values = Values(key)
    value = values.raw("DigitalProductId4") or values.raw("DigitalProductId")
    last5 = last_five_of(value) if isinstance(value, bytes) else None
    product_id = values.text("ProductId")
    if last5 is None and product_id is None:
        return
    yield Activation(
        kind="windows",
        scope=WINDOWS,
        seen_at=CURRENT_VERSION,
        product=values.text("ProductName"),
        product_id=product_id,
        key_channel=channel_of(value) if isinstance(value, bytes) else None,
        key_last5=last5,
    )


def _office(read: Reader) -> Iterator[Found]:
    for view in SOFTWARE_VIEWS:
        above = read(view + "Microsoft\\Office")
        for version in () if above is None else above.subkeys:
            if _OFFICE_VERSION.fullmatch(version):
                yield from _registrations(read, "%sMicrosoft\\Office\\%s\\Registration" % (view, version))


def _registrations(read: Reader, path: str) -> Iterator[Found]:
    key = read(path)
    for name in () if key is None else key.subkeys[:MAX_REGISTRATIONS]:
        where = path + "\\" + name
        try:
            found = parse_registration(Values(read(where)), where)
        except (Unreadable, DamagedHive) as error:
            yield Problem(where, error.why)
            continue
        if found is not None:
            yield found


def parse_registration(values: Values, seen_at: str) -> Activation | None:
    """Return what one registration says, `None` for one that names neither a product id nor a key."""
    value = values.raw("DigitalProductID")
    last5 = last_five_of(value) if isinstance(value, bytes) else None
    product_id = values.text("ProductID")
    if last5 is None and product_id is None:
        return None
    name = values.text("ConvertToEdition") or values.text("ProductName")
    family = values.text("ProductNameNonQualified") or values.text("ProductNameVersion")
    return Activation(
        kind="office",
        scope=OFFICE,
        seen_at=seen_at,
        product=None if name is None else without_keys(name),
        description=family,
        product_id=product_id,
        key_channel="OEM" if values.number("OEM") == 1 else (channel_of(value) if isinstance(value, bytes) else None),
        key_last5=last5,
        state="trial" if _is_trial(values) else None,
    )


def _is_trial(values: Values) -> bool:
    """TrialType 0 is a full copy; any other number is a trial."""
    number = values.number("TrialType")
    return number is not None and number != 0


REGISTERED_KEYS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
