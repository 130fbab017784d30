"""The judges of recordings, by the folder of the corpus that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from recordings import (
    database_instances,
    glpi_antivirus,
    glpi_applications,
    glpi_linux,
    glpi_packages,
    licence_servers,
    osquery_rpmdb,
    osv_scalibr,
    swid_tags,
    syft_fixtures,
    wazuh_macos,
    windows,
)
from recordings.judged import Judged

Judge = Callable[[Path], Iterator[Judged]]

JUDGES: dict[str, Judge] = {
    "databases and their editions": database_instances.cases,
    "licence servers and files": licence_servers.cases,
    "glpi-agent: antivirus of Linux": glpi_antivirus.cases,
    "glpi-agent: applications of macOS": glpi_applications.cases,
    "glpi-agent: Linux": glpi_linux.cases,
    "glpi-agent: packages": glpi_packages.cases,
    "osquery-rpmdb": osquery_rpmdb.cases,
    "osv-scalibr": osv_scalibr.cases,
    "swid": swid_tags.cases,
    "syft-fixtures": syft_fixtures.cases,
    "wazuh: macOS": wazuh_macos.cases,
    "windows": windows.cases,
}
"""Name of the judge → its `cases`."""
