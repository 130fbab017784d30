"""Software: one installed thing in the machine's own words, and where it was seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Software:
    """One installed thing as one source names it."""

    source: str
    """Name of the collector: `dpkg`, `uninstall_keys`, `applications` …"""
    name: str
    """The name as displayed by the source, never empty."""
    scope: str
    """The scope it was seen in; the same text stands in one `ScopeRun` of the document."""
    seen_at: str | None = None
    """Where exactly: registry key, file, package record."""
    version: str | None = None
    publisher: str | None = None
    identifier: str | None = None
    """The source's own key: package name, product code, bundle id, snap or app id."""
    architecture: str | None = None
    language: str | None = None
    installed_on: str | None = None
    """`YYYY-MM-DD`, only when the source records a day that exists."""
    install_date_raw: str | None = None
    """What the source wrote, when it could not be read as a day or carries more than the day."""
    location: str | None = None
    size_bytes: int | None = None
    per_user: bool | None = None
    """True for an installation in one user's profile, False for all users, `None` = not said."""
    origin: str | None = None
    """Vendor or repository that delivered it: `Debian`, `App Store`, `uos`."""
    section: str | None = None
    """The source's own classification: Debian section, rpm group, desktop categories."""
    licence: str | None = None
    """The source's own licence words, as written."""
    parent: str | None = None
    """Key of the entry it belongs to: ParentKeyName, source package."""
    system_component: bool | None = None
    """The source hides it from people: SystemComponent=1, NoDisplay, a part of the system."""
    update: bool | None = None
    """The source marks it as an update or patch of another entry."""
    upgrade_code: str | None = None
    """What an installer keeps from release to release: the UpgradeCode of Windows Installer, `{GUID}`."""
    edition: str | None = None
    """The source's own word for the edition: `Standard Edition`, `专业版`."""
    release_type: str | None = None
    """The source's own word for what kind of entry it is: `Hotfix`, `Security Update`, `ServicePack`."""
    licence_channel: str | None = None
    """How the copy was licensed, in the source's own word: `Retail`, `OEM`, `Volume`."""
    spdx: str | None = None
    """The licence words as an SPDX expression, where they can be read as one without guessing."""
    signer: str | None = None
    """Who signed the main program, as the certificate says."""
    signature: str | None = None
    """`valid`, `broken`, `unsigned`, or `None`: not looked at, or this system cannot tell."""
    last_used: str | None = None
    """Month of the last use, `YYYY-MM`; of no person. Only where a setting asks for usage."""
