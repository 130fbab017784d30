"""How the licences of UnionTech OS, Kylin and WPS Office stand.

Source: UOS: `uos-activator-cmd -q`; AuthorizationState and AuthorizationProperty of com.deepin.license on the system
    bus, without starting the service; on a recorded machine the activator's log, for the server of the unit alone.
    Kylin: `term` of /etc/.kyinfo, TERM of /etc/LICENSE, whether /etc/.kyactivation has a content,
    `kylin_activation_check`. WPS: ProductDefinition and the serial's tail in office6/cfgs/oem.ini.
    What of the reminders of UOS is amiss: `uos_reminder`.
Absent: another system; no WPS below /opt/kingsoft/wps-office or /opt/apps/*wps-office*/files/kingsoft/wps-office.
States: /etc/.kyactivation with a content is activated. Older desktops: `term` equal to TERM is not activated, another
    `term` is. `term` alone proves nothing (it is preset), so that record has no state.
Keys:   the activation code (ActiveCode, .kyactivation) and the service serial (`key`) are never read.
Gaps:   other systems with activation (NFS, NeoKylin servers); a WPS serial that oem.ini holds only scrambled; a Kylin
    command that answers an ordinary user with nothing is a problem of its scope. Recorded only: never run on a UOS or
    Kylin by us.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found
from agent.collectors.linux.releases import OS_RELEASE, parse_assignments
from agent.machine.base import Machine, Unreadable

NAME = "domestic_activation"
KYLIN_INFO = "/etc/.kyinfo"
MAX_BYTES = 1024 * 1024
WPS_FOLDER = "/opt/kingsoft/wps-office"
SHOP_FOLDER = "/opt/apps"
WPS_IN_SHOP = "/files/kingsoft/wps-office"

_UOS = ("uos", "uniontech", "deepin")
_WITH_ACTIVATOR = ("uos", "uniontech")
_KYLIN = ("kylin", "neokylin")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one scope for each system or product that is here. Raises `Absent` when none is."""
    distribution = _distribution(machine)
    is_kylin = distribution in _KYLIN or machine.exists(KYLIN_INFO)
    wps = _wps_folders(machine)
    if distribution not in _UOS and not is_kylin and not wps:
        raise Absent("UOS, Kylin and WPS Office")
    from agent.collectors.linux.domestic_records import kylin, uos, wps_office  # nearly no machine needs them

    if distribution in _UOS:
        yield from uos(machine)
    if distribution in _WITH_ACTIVATOR:
        from agent.collectors.linux.uos_reminder import reminder

        yield from reminder(machine)
    if is_kylin:
        yield from kylin(machine)
    if wps:
        yield from wps_office(machine, wps)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded file tells: .kyinfo or LICENSE, the answer of a command (`uos…`, `kylin…`), oem.ini."""
    from agent.collectors.linux.domestic_records import parse_record

    yield from parse_record(data, name)


def _wps_folders(machine: Machine) -> list[str]:
    """Return where WPS Office is: its own folder, and those of the shop's packages of it (`cn.wps.wps-office-pro`)."""
    try:
        members = machine.list_folder(SHOP_FOLDER) or ()
    except Unreadable as error:
        machine.pass_over(error.where, error.why)
        members = ()
    folders = [WPS_FOLDER] + [each.path + WPS_IN_SHOP for each in members if "wps-office" in each.name]
    return [folder for folder in folders if machine.exists(folder)]


def _distribution(machine: Machine) -> str:
    for path in OS_RELEASE:
        try:
            text = machine.read_text(path, MAX_BYTES)
        except Unreadable:
            continue
        if text is not None:
            return parse_assignments(text).get("ID", "").lower()
    return ""


DOMESTIC_ACTIVATION = Collector(name=NAME, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
