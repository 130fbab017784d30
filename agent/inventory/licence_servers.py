"""Licence features: what a licence server offers or a licence file grants. Never a signature, never a person's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LicenceUse:
    """One check-out of one feature at the moment of the reading."""

    user: str | None = None
    """A pseudonym of the account (see `agent/discretion.py`), so that equal users stay equal."""
    host: str | None = None
    """The host that the server names."""
    display: str | None = None
    version: str | None = None
    since: str | None = None
    """When it began, as `YYYY-MM-DDTHH:MM` where the source says the year, else `MM-DDTHH:MM`; server's own time."""
    since_raw: str | None = None
    count: int = 1
    """Seats that it holds."""
    queued: bool = False


@dataclass(frozen=True)
class LicenceFeature:
    """One feature of one licence server (its state) or of one licence file (one line of grant).

    `total`: seats issued, `None` for uncounted ones. `used`, `reserved` and `queued` come from servers alone.
    """

    technology: str
    """`flexnet`, `rlm`, `lmx`, `dsls`, `lsdyna`, `olicense`, `sentinel`, `dameng`, `kingbase` … in lower case."""
    feature: str
    scope: str
    """The scope it was seen in; the same text stands in one `ScopeRun` of the document."""
    seen_at: str | None = None
    """Where exactly: command, or file and line."""
    kind: str | None = None
    """`floating`, `node_locked`, `uncounted`, `named_user`, `package`, `product`; `None` = not said."""
    vendor: str | None = None
    """The vendor's daemon or name, as the source writes it."""
    product: str | None = None
    version: str | None = None
    edition: str | None = None
    server: str | None = None
    """Host of the licence server."""
    port: int | None = None
    server_status: str | None = None
    """`up`, `down`, or the source's own words."""
    total: int | None = None
    used: int | None = None
    reserved: int | None = None
    queued: int | None = None
    starts_on: str | None = None
    """`YYYY-MM-DD`."""
    expires_on: str | None = None
    """`YYYY-MM-DD`, last day; `None` with `permanent` true, or when not said."""
    permanent: bool | None = None
    expires_raw: str | None = None
    issued_on: str | None = None
    host_id: str | None = None
    """What the right is bound to, as the licence writes it."""
    licensee: str | None = None
    """The organisation that the licence names."""
    serial_tail: str | None = None
    """Last five characters of a serial or contract number of the licence."""
    components: tuple[str, ...] = ()
    """Features that a package holds."""
    uses: tuple[LicenceUse, ...] = ()
