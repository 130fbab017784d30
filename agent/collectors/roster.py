"""The collectors, system by system, in the order in which they run: who this is, what is installed, what runs.

A reader of one more source adds a line here. Each system's are imported when they are wanted: a scan of a
Linux machine need not load what reads a registry.
"""

from __future__ import annotations

from agent.collectors.base import Collector
from agent.collectors.rare import RARE
from agent.inventory.watchlist import Watchlist


def collectors_for(family: str, watchlist: Watchlist | None = None) -> tuple[Collector, ...]:
    """Return the collectors for a machine of this family, in running order; some look for what a watchlist names."""
    of_family = {"linux": _linux, "macos": _macos, "windows": _windows}.get(family)
    own = of_family() if of_family is not None else ()
    rare = (each.waiting() for each in RARE if family in each.platforms)
    return (*own, *rare, *(each for each in _anywhere(watchlist) if family in each.platforms))


def collectors(watchlist: Watchlist | None = None) -> tuple[Collector, ...]:
    """Return every collector of every system, each once."""
    families = [collectors_for(family, watchlist) for family in ("linux", "macos", "windows", "other")]
    if watchlist is not None:  # those for a watchlist are made anew for each family
        return tuple({(each.name, each.platforms): each for family in families for each in family}.values())
    return tuple(dict.fromkeys(each for family in families for each in family))


def readers(name: str, watchlist: Watchlist | None = None) -> tuple[Collector, ...]:
    """Return the collectors of that name that can read a recorded file; one name may serve several systems."""
    found = [each for each in collectors(watchlist) if each.name == name and each.parse_file is not None]
    return tuple(found)


def readable_sources() -> tuple[str, ...]:
    """Return the names that `readers` answers to, sorted."""
    return tuple(sorted({each.name for each in collectors() if each.parse_file is not None}))


def _anywhere(watchlist: Watchlist | None) -> tuple[Collector, ...]:
    from agent.collectors.anywhere.database_licences import DATABASE_LICENCES
    from agent.collectors.anywhere.databases import DATABASES
    from agent.collectors.anywhere.dongles import DONGLES
    from agent.collectors.anywhere.hosts_file import HOSTS_FILE, hosts_file
    from agent.collectors.anywhere.licence_files import LICENCE_FILES, licence_files
    from agent.collectors.anywhere.licence_variables import LICENCE_VARIABLES
    from agent.collectors.anywhere.processes import PROCESSES
    from agent.collectors.anywhere.virtual_machines import VIRTUAL_MACHINES
    from agent.collectors.anywhere.watched_files import WATCHED_FILES, watched_files

    watching = (LICENCE_FILES, WATCHED_FILES, HOSTS_FILE)
    if watchlist is not None:
        watching = (licence_files(watchlist), watched_files(watchlist), hosts_file(watchlist))
    licences = (DATABASES, DATABASE_LICENCES, LICENCE_VARIABLES, *watching, DONGLES)
    return (*licences, VIRTUAL_MACHINES, PROCESSES)


def _linux() -> tuple[Collector, ...]:
    from agent.collectors.linux.desktop_entries import DESKTOP_ENTRIES
    from agent.collectors.linux.domestic_activation import DOMESTIC_ACTIVATION
    from agent.collectors.linux.dpkg import DPKG
    from agent.collectors.linux.host import LINUX_HOST
    from agent.collectors.linux.opt_apps import OPT_APPS

    return (LINUX_HOST, DPKG, OPT_APPS, DESKTOP_ENTRIES, DOMESTIC_ACTIVATION)


def _macos() -> tuple[Collector, ...]:
    from agent.collectors.macos.applications import APPLICATIONS
    from agent.collectors.macos.host import MACOS_HOST

    return (MACOS_HOST, APPLICATIONS)


def _windows() -> tuple[Collector, ...]:
    from agent.collectors.windows.activation import ACTIVATION
    from agent.collectors.windows.adobe_licences import ADOBE_LICENCES
    from agent.collectors.windows.amcache import AMCACHE
    from agent.collectors.windows.antivirus import ANTIVIRUS
    from agent.collectors.windows.appx import APPX
    from agent.collectors.windows.autodesk_licences import AUTODESK_LICENCES
    from agent.collectors.windows.chocolatey import CHOCOLATEY
    from agent.collectors.windows.defender import DEFENDER
    from agent.collectors.windows.dongles import DONGLES
    from agent.collectors.windows.firewall_blocks import FIREWALL_BLOCKS
    from agent.collectors.windows.fonts import FONTS
    from agent.collectors.windows.foreign_libraries import FOREIGN_LIBRARIES
    from agent.collectors.windows.host import WINDOWS_HOST
    from agent.collectors.windows.hotfixes import HOTFIXES
    from agent.collectors.windows.licensing_events import LICENSING_EVENTS
    from agent.collectors.windows.licensing_files import LICENSING_FILES
    from agent.collectors.windows.licensing_settings import LICENSING_SETTINGS
    from agent.collectors.windows.main_programs import MAIN_PROGRAMS
    from agent.collectors.windows.msi_products import MSI_PRODUCTS
    from agent.collectors.windows.office import OFFICE
    from agent.collectors.windows.portable_programs import PORTABLE_PROGRAMS
    from agent.collectors.windows.prefetch import PREFETCH
    from agent.collectors.windows.registered_keys import REGISTERED_KEYS
    from agent.collectors.windows.scheduled_tasks import SCHEDULED_TASKS
    from agent.collectors.windows.services import SERVICES_COLLECTOR
    from agent.collectors.windows.sql_server import SQL_SERVER
    from agent.collectors.windows.uninstall_keys import UNINSTALL_KEYS
    from agent.collectors.windows.user_assist import USER_ASSIST
    from agent.collectors.windows.visual_studio import VISUAL_STUDIO
    from agent.collectors.windows.wsl import WSL

    installed = (UNINSTALL_KEYS, MSI_PRODUCTS, APPX, CHOCOLATEY, OFFICE, SQL_SERVER, VISUAL_STUDIO, HOTFIXES)
    licensed = (ACTIVATION, REGISTERED_KEYS, ADOBE_LICENCES, AUTODESK_LICENCES, DONGLES)
    signs = (
        LICENSING_SETTINGS,
        LICENSING_FILES,
        SERVICES_COLLECTOR,
        SCHEDULED_TASKS,
        FIREWALL_BLOCKS,
        ANTIVIRUS,
        DEFENDER,
    )
    deep = (PORTABLE_PROGRAMS, FOREIGN_LIBRARIES, MAIN_PROGRAMS, LICENSING_EVENTS, AMCACHE, FONTS)
    used = (USER_ASSIST, PREFETCH)
    return (WINDOWS_HOST, *installed, *licensed, *signs, WSL, *used, *deep)
