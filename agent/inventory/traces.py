"""Traces: what runs on the machine, how its licences stand, and signs of either. No user, no document, no whole key.

What is not there, and ought to be, is told by `state`: `missing` of a `service` or a `file`, `masked` of a service,
`not_executable` of a file. A `setting` that holds a serial number never tells it: `state` is `published` where the
whole number is one of those that circulate. Of a `file`, `value` may say why it was looked at: `main_program`,
`system_name`, `replaced_by_cracks`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunningProgram:
    """One executable that was running during the scan."""

    name: str
    """File name of the executable, or the process name where the file cannot be read."""
    path: str | None = None
    scope: str = "processes"
    instances: int = 1


@dataclass(frozen=True)
class Activation:
    """One licence or activation state, as one source tells it. A product key is never here whole.

    Windows and Office: one record a row of the licensing service, a block of its printed text, or a KMS host set in
    the registry. UOS and Kylin: one record a source. Texts are the source's own; `state` is what they mean.
    """

    kind: str
    """`windows`, `office`, `firmware` (a key that the maker put there), `uos`, `kylin`, `wps`, `other`."""
    scope: str
    """The scope it was seen in; the same text stands in one `ScopeRun` of the document."""
    seen_at: str | None = None
    """Where exactly: class of the management interface, registry key, command or file."""
    product: str | None = None
    """`Windows(R), Professional edition`, `Office 16, Office16ProPlusVL_KMS_Client edition`."""
    description: str | None = None
    """`Windows(R) Operating System, VOLUME_KMSCLIENT channel`."""
    application_id: str | None = None
    """GUID of the application that holds the licence: Windows, Office, Office 2010. Lower case."""
    activation_id: str | None = None
    """GUID of the licence itself (SKU). Lower case."""
    product_id: str | None = None
    """Product id as printed, `00339-10000-00000-AA680`: a number of the installation, no key."""
    licence_family: str | None = None
    """The source's own class of licence: `Professional`, `Office16ProPlusVL_KMS_Client`, a number of UOS."""
    channel: str | None = None
    """`RETAIL`, `OEM_DM`, `VOLUME_KMSCLIENT`, `VOLUME_MAK`, `RETAIL(MAK)` …: the word before `channel`."""
    key_channel: str | None = None
    """ProductKeyChannel as printed: `Retail`, `OEM:DM`, `Volume:GVLK` …"""
    key_last5: str | None = None
    """Last five characters of the product key, upper case."""
    status_code: int | None = None
    """Windows and Office: LicenseStatus 0 to 6. UOS: AuthorizationState -1 to 4."""
    status: str | None = None
    """The source's own word: `Licensed`, `已授权`, `---NOTIFICATIONS---` without its dashes."""
    state: str | None = None
    """`licensed`, `unlicensed`, `grace`, `non_genuine`, `notification`, `trial` or `expired`; `None` = not told."""
    reason: str | None = None
    """Why the state is so, as a code: `0xC004F200`."""
    genuine_code: int | None = None
    """GenuineStatus: 0 genuine; other numbers as Windows says them."""
    kms_host: str | None = None
    """Host that was set for activation."""
    kms_port: int | None = None
    discovered_kms_host: str | None = None
    """Host that was found through DNS."""
    discovered_kms_port: int | None = None
    kms_address: str | None = None
    """Address of the host that activated last."""
    is_kms_host: bool | None = None
    """The machine itself activates others."""
    by_directory: bool | None = None
    """Activated by an object of Active Directory."""
    grace_minutes: int | None = None
    """Minutes until the present state ends; 0 when it does not."""
    evaluation_end: str | None = None
    """End of an evaluation copy, UTC as `YYYY-MM-DDTHH:MM:SSZ`."""
    expires_at: str | None = None
    """`YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM:SS` in the machine's own time."""
    expires_raw: str | None = None
    """What the source wrote, when it is no one day or no date at all: `终身有效`."""


@dataclass(frozen=True)
class Trace:
    """One sign of a licence, of tampering or of what protects the machine, as one source tells it.

    What `kind` says decides what the other fields mean; the texts are the source's own:

    `service`: `name` is the service, `path` the program, `state` `running` or `stopped`, `start` how it starts.
    `scheduled_task`: `name` is the task with its folder, `path` the program it runs, `state` `enabled` or `disabled`.
    `hosts_line`: `name` is a host name of the watchlist, `value` the address that the line gives it. No other line.
    `file`: a file of the watchlist, or a licence file: `name` the file name, `path` its place, size, digest, signature.
    `setting`: one value of a registry or settings file: `path` the key, `name` the value's name, `value` what it says.
    `variable`: an environment variable that names licence servers: `name`, `value`.
    `antivirus`: `name` the product, `state` `on`, `off` or `snoozed`, `value` `up_to_date` or `out_of_date`.
    `dongle`: a hardware key or its driver: `name`, `path`.
    `font`: `name` the family, `path` the file's place, `publisher` its maker.
    `detection`: `name` what a protection program called what it found, `day` when.
    `exclusion`: `name` what a protection program is told to pass over.
    `firewall_rule`: `name`, `path` the program, `state` `block` or `allow`.
    `usage`: `name` the program, `day` the month of the last use as `YYYY-MM`; of no person.
    """

    kind: str
    name: str
    scope: str
    """The scope it was seen in; the same text stands in one `ScopeRun` of the document."""
    seen_at: str | None = None
    """Where exactly: class of the management interface, registry key, command or file and line."""
    path: str | None = None
    value: str | None = None
    state: str | None = None
    start: str | None = None
    """`automatic`, `manual`, `disabled`, `boot`, `system`."""
    version: str | None = None
    publisher: str | None = None
    """Company as the file's version information or the source says."""
    product: str | None = None
    """Product as the file's version information or the source says."""
    size_bytes: int | None = None
    sha256: str | None = None
    signature: str | None = None
    """`valid`, `broken`, `unsigned`, or `None`: not looked at, or this system cannot tell."""
    signer: str | None = None
    day: str | None = None
    """`YYYY-MM-DD`: last change of the file, or the day of the event."""
    watch: str | None = None
    """Id of the entry of the watchlist that asked for it."""
