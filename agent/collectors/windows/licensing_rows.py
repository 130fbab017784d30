"""Licences of Windows and Office as their licensing services answer: the questions, and a row → `Activation`.

Asked: rows with a key of SoftwareLicensingProduct (Windows, Office since 2013) and OfficeSoftwareProtectionProduct
    (Office 2010), and the one object of SoftwareLicensingService; by one PowerShell call of at most 60 seconds, else
    by `wmic`. The key in the firmware is cut to its last five characters before PowerShell prints it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List

from agent.formats.cim_answer import (
    CimObject,
    CimValue,
    DamagedAnswer,
    is_true,
    number_of,
    parse_cim_json,
    parse_wmic_list,
    text_of,
)
from agent.formats.product_key import last_five
from agent.formats.slmgr_text import APPLICATIONS, channel_in
from agent.formats.slmgr_words import STATES, channel_of_key_channel, status_code_of
from agent.inventory.traces import Activation
from agent.machine.base import Machine, Unreadable

TIMEOUT_SECONDS = 60.0
PRODUCTS = "SoftwareLicensingProduct"
OFFICE_2010 = "OfficeSoftwareProtectionProduct"
SERVICE = "SoftwareLicensingService"
_PROPERTIES = (
    "ADActivationObjectName",
    "ApplicationID",
    "Description",
    "DiscoveredKeyManagementServiceMachineIpAddress",
    "DiscoveredKeyManagementServiceMachineName",
    "DiscoveredKeyManagementServiceMachinePort",
    "EvaluationEndDate",
    "GenuineStatus",
    "GracePeriodRemaining",
    "ID",
    "IsKeyManagementServiceMachine",
    "KeyManagementServiceMachine",
    "KeyManagementServicePort",
    "LicenseFamily",
    "LicenseStatus",
    "LicenseStatusReason",
    "Name",
    "PartialProductKey",
    "ProductKeyChannel",
    "ProductKeyID",
    "ProductKeyID2",
)
PROPERTIES = frozenset((*_PROPERTIES, "OA3xOriginalProductKey", "OA3xOriginalProductKeyDescription"))
"""What a listing of these classes can have as headings."""
_SERVICE_PROPERTIES = ("KeyManagementServiceMachine", "KeyManagementServicePort")
_WITH_KEY = "PartialProductKey is not null"
_FAULTS = "faults"
_NO_SUCH_CLASS = "0x80041010"
_NO_SUCH_COMMAND = "CommandNotFound"
_UNKNOWN_NUMBER = 4294967295

_SCRIPT = (
    "# licence-state\n"
    "$ErrorActionPreference = 'Stop'\n"
    "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { }\n"
    "$found = @{}; $faults = @{}\n"
    "$end = @{n='EvaluationEndDate';e={if ($_.EvaluationEndDate)"
    " {$_.EvaluationEndDate.ToUniversalTime().ToString('yyyyMMddHHmmss')}}}\n"
    "$firmware = @{n='FirmwareKeyLast5';e={$k = $_.OA3xOriginalProductKey;"
    " if ($k -and $k.Length -ge 5) {$k.Substring($k.Length - 5)}}}\n"
    + "".join(
        "try { $found['%s'] = @(Get-CimInstance -Query 'select * from %s where %s' | Select-Object %s) }"
        " catch { $faults['%s'] = [string]$_.FullyQualifiedErrorId }\n"
        % (
            name,
            name,
            _WITH_KEY,
            ",".join(each if each != "EvaluationEndDate" else "$end" for each in _PROPERTIES),
            name,
        )
        for name in (PRODUCTS, OFFICE_2010)
    )
    + "try { $found['%s'] = @(Get-CimInstance %s | Select-Object %s,OA3xOriginalProductKeyDescription,$firmware) }"
    " catch { $faults['%s'] = [string]$_.FullyQualifiedErrorId }\n" % (
        SERVICE, SERVICE, ",".join(_SERVICE_PROPERTIES), SERVICE)
    + "$found['%s'] = $faults\n" % _FAULTS
    + "$found | ConvertTo-Json -Depth 4 -Compress"
)  # fmt: skip
POWERSHELL = ("powershell", "-NoProfile", "-Command", _SCRIPT)


def wmic_question(name: str) -> tuple[str, ...]:
    """Return the `wmic` command for one class of products, or for the service.

    Every property of a product is asked for: `wmic` refuses a question that names one which that Windows lacks. Of the
    service two are named, so that its key is not printed.
    """
    if name == SERVICE:
        return ("wmic", "path", name, "get", ",".join(_SERVICE_PROPERTIES), "/value")
    return ("wmic", "path", name, "where", _WITH_KEY, "get", "/value")


@dataclass
class LicensingAnswer:
    """What the services answered: rows by class; why a class could not be read; whether anything answered at all."""

    rows: Dict[str, List[CimObject]] = field(default_factory=dict)
    faults: Dict[str, str] = field(default_factory=dict)
    answered: bool = False
    tells_firmware_key: bool = False


def ask_licensing(machine: Machine) -> LicensingAnswer:
    """Ask PowerShell, else `wmic`. A class that does not exist is neither in `rows` nor in `faults`."""
    why = "neither powershell nor wmic answered"
    try:
        text = machine.run(POWERSHELL, TIMEOUT_SECONDS)
        if text is not None:
            return _of_powershell(parse_cim_json(text))
    except (Unreadable, DamagedAnswer) as error:
        why = "powershell: %s" % error
    answer = LicensingAnswer()
    for name in (PRODUCTS, OFFICE_2010, SERVICE):
        try:
            text = machine.run(wmic_question(name), TIMEOUT_SECONDS)
        except Unreadable as error:
            if name != OFFICE_2010:  # where Office 2010 is not, wmic fails with the same code as for any other fault
                answer.faults[name] = str(error)
            continue
        if text is not None:
            answer.answered = True
            answer.rows[name] = parse_wmic_list(text)
    if PRODUCTS not in answer.rows:
        answer.faults.setdefault(PRODUCTS, why)
    return answer


def _of_powershell(found: Dict[str, List[CimObject]]) -> LicensingAnswer:
    """Sort what PowerShell printed into rows and faults; a class that Windows does not know is left out of both."""
    faults = {name: text_of(why) or "no answer" for told in found.pop(_FAULTS, []) for name, why in told.items()}
    missing = {name for name, why in faults.items() if _NO_SUCH_CLASS in why.lower()}
    if _NO_SUCH_COMMAND in faults.get(PRODUCTS, ""):
        raise DamagedAnswer("no Get-CimInstance")
    if PRODUCTS not in found and PRODUCTS not in faults:
        raise DamagedAnswer("no %s" % PRODUCTS)
    return LicensingAnswer(
        rows={name: rows for name, rows in found.items() if name not in faults},
        faults={name: why for name, why in faults.items() if name not in missing or name != OFFICE_2010},
        answered=True,
        tells_firmware_key=SERVICE in found and SERVICE not in faults,
    )


def kind_of(application_id: str | None) -> str:
    """Return `windows`, `office` or, for any other application, `other`."""
    return APPLICATIONS.get(application_id or "", "other")


def activation_of_row(row: CimObject, seen_at: str, service: CimObject) -> Activation:
    """Return what one row says. A host that is set for the whole service counts for a Windows row that has none."""
    application = _lower(row.get("ApplicationID"))
    description = text_of(row.get("Description"))
    key_channel = text_of(row.get("ProductKeyChannel"))
    code, word = number_of(row.get("LicenseStatus")), text_of(row.get("LicenseStatus"))
    if code is None and word is not None:  # a script may have put the number into words
        code = status_code_of(word)
    host, port = text_of(row.get("KeyManagementServiceMachine")), _port(row.get("KeyManagementServicePort"))
    if host is None and kind_of(application) == "windows":
        host, port = text_of(service.get("KeyManagementServiceMachine")), _port(service.get("KeyManagementServicePort"))
    found_host = text_of(row.get("DiscoveredKeyManagementServiceMachineName"))
    return Activation(
        kind=kind_of(application) if application else _kind_of_words(description, text_of(row.get("Name"))),
        scope="",
        seen_at=seen_at,
        product=text_of(row.get("Name")),
        description=description,
        application_id=application,
        activation_id=_lower(row.get("ID")),
        product_id=text_of(row.get("ProductKeyID2")) or text_of(row.get("ProductKeyID")),
        licence_family=text_of(row.get("LicenseFamily")),
        channel=channel_in(description or "") or channel_of_key_channel(key_channel),
        key_channel=key_channel,
        key_last5=last_five(text_of(row.get("PartialProductKey")) or ""),
        status_code=code,
        state=STATES.get(code) if code is not None else None,
        status=word if word is not None and not word.isdecimal() else None,
        reason=_reason(row.get("LicenseStatusReason")),
        genuine_code=_small(row.get("GenuineStatus")),
        kms_host=host,
        kms_port=port if host else None,
        discovered_kms_host=found_host,
        discovered_kms_port=_port(row.get("DiscoveredKeyManagementServiceMachinePort")) if found_host else None,
        kms_address=text_of(row.get("DiscoveredKeyManagementServiceMachineIpAddress")),
        is_kms_host=_flag(row.get("IsKeyManagementServiceMachine")),
        by_directory=True if text_of(row.get("ADActivationObjectName")) else None,
        grace_minutes=_small(row.get("GracePeriodRemaining")),
        evaluation_end=_moment(row.get("EvaluationEndDate")),
    )


def firmware_key(service: CimObject, seen_at: str) -> Activation | None:
    """Return the key that the maker put into the firmware, `None` when there is none."""
    last5 = last_five(text_of(service.get("FirmwareKeyLast5")) or text_of(service.get("OA3xOriginalProductKey")) or "")
    product = text_of(service.get("OA3xOriginalProductKeyDescription"))
    if last5 is None and product is None:
        return None
    return Activation(kind="firmware", scope="", seen_at=seen_at, product=product, key_last5=last5)


def _kind_of_words(*words: str | None) -> str:
    """Tell the kind by the product's own words, where a listing leaves the application out."""
    first = " ".join(filter(None, words)).lower()
    return "office" if "office" in first else "windows" if "windows" in first else "other"


def _lower(value: CimValue) -> str | None:
    text = text_of(value)
    return text.lower() if text else None


def _small(value: CimValue) -> int | None:
    number = number_of(value)
    return None if number == _UNKNOWN_NUMBER else number


def _port(value: CimValue) -> int | None:
    number = number_of(value)
    return number if number is not None and 0 < number < 65536 else None


def _flag(value: CimValue) -> bool | None:
    number = _small(value)
    return is_true(value) if number is None else number == 1


def _reason(value: CimValue) -> str | None:
    """`1074065472` → `0x4004F040`."""
    number = _small(value)
    return None if number is None else "0x%08X" % (number & 0xFFFFFFFF)


def _moment(value: CimValue) -> str | None:
    """`20260301235959.000000-000` → `2026-03-01T23:59:59Z`; the year 1601 stands for none."""
    found = re.match(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", text_of(value) or "")
    if found is None or int(found.group(1)) <= 1980:
        return None
    return "%s-%s-%sT%s:%s:%sZ" % found.groups()
