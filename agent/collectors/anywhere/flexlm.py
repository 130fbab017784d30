"""The FlexNet licence server of this machine: features, seats, who holds them; the text of `lmstat` in any form.

Source: `lmutil lmstat -a -c @localhost`, where `lmgrd` or `lmadmin` runs here; scope `flexlm`. Recorded files: the
    output of `lmstat -a`, `-A`, `-f`, `-i`; a licence file; a server's log with rejected keys.
Absent: no such server runs on this machine: other machines' servers are never asked.
Gaps:   `-a` costs the server work, so this is asked daily at most; a server with a port outside 27000 to 27009 that no
    licence file on the machine names is not found by `@localhost`; check-outs have no year.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.licence_files import parse_file as parse_licence
from agent.collectors.anywhere.server_status import ServerKind, ask_server, parse_recorded
from agent.collectors.base import Collector, Found
from agent.formats.console_text import decode_text
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine

NAME = "flexlm"


def _parse(text: str) -> LicencesTold:
    """Load the reader only where there is something to read."""
    from agent.formats.flexnet_status import parse_lmstat

    return parse_lmstat(text)


KIND = ServerKind(
    technology="flexnet",
    programs=("lmgrd", "lmadmin"),
    tools=(("lmutil", ("lmstat", "-a", "-c", "@localhost")), ("lmstat", ("-a", "-c", "@localhost"))),
    places=(
        "/usr/local/flexlm",
        "/opt/flexlm",
        "/opt/*/flexlm",
        "/usr/local/MATLAB/*/etc/*",
        "/opt/autodesk/adlmflexnet*/bin",
        r"C:\Program Files\Autodesk\Network License Manager",
        r"C:\Program Files (x86)\Autodesk\Network License Manager",
        r"C:\Autodesk\Network License Manager",
        r"C:\Program Files\ANSYS Inc\Shared Files\Licensing\winx64",
        r"C:\Program Files\MATLAB\*\etc\win64",
        r"C:\Program Files\Siemens\PLMLicenseServer",
        r"C:\Program Files\PTC\FLEXnet Admin License Server\bin",
    ),
    parse=_parse,
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what the server of this machine hands out."""
    return ask_server(machine, KIND, NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what an output of lmstat, a licence file or a log tells. Raises `Unreadable` for any other text."""
    from agent.formats.flexnet_status import looks_like_lmstat

    if looks_like_lmstat(decode_text(data)[0]):
        return parse_recorded(data, name, KIND, NAME)
    return parse_licence(data, name)


FLEXLM = Collector(
    name=NAME,
    platforms=frozenset({"linux", "macos", "windows", "other"}),
    collect=collect,
    parse_file=parse_file,
    deep=True,
)
