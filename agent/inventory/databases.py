"""Databases: one instance of a database server on the machine, with what its licence is counted by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DatabaseInstance:
    """One instance. No data, no account, no query: what is installed, which edition, whether it runs."""

    kind: str
    """`sql_server`, `oracle`, `postgresql`, `mysql`, `mariadb`, `mongodb`, `db2`, `dameng`, `kingbase` …"""
    name: str
    """Name of the instance, as the source says; `default` where there is one without a name."""
    scope: str
    """The scope it was seen in; the same text stands in one `ScopeRun` of the document."""
    seen_at: str | None = None
    product: str | None = None
    """As the server names itself: `Microsoft SQL Server 2019`."""
    version: str | None = None
    edition: str | None = None
    state: str | None = None
    """`running` or `stopped`."""
    port: int | None = None
    location: str | None = None
    databases: tuple[str, ...] = ()
    size_bytes: int | None = None
    started_at: str | None = None
    cores_used: int | None = None
    """Cores that the instance may use, where the source limits them."""
    options: tuple[str, ...] = ()
    """Separately licensed options that are switched on, as the source names them."""
    licence_model: str | None = None
