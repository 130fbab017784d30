"""What antivirus programs of Linux say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine_folder import found_on, machine_of, problems

from agent.collectors.base import Absent
from agent.collectors.linux.antivirus import ANTIVIRUS, parse_file
from agent.inventory.traces import Trace

DEFENDER = """{"appVersion": "101.24042.0002", "realTimeProtectionEnabled": {"value": true, "isManaged": false},
  "definitionsStatus": {"$type": "outOfDate"}, "definitionsUpdated": "1691587153787", "machineGuid": "secret-guid"}"""
BITDEFENDER = """Product version: 7.0.3.2239
New security content available: no
Last security content update: 2023-08-24 at 11:44:37 GMT+2
Features:
  - Antimalware status: Off
"""
SENTINEL = """Agent version: 23.4.2.14
DFI engine                          Enabled
Agent state      Disabled
Connectivity                     On
Site-Key                         secret-key
"""
CORTEX = """Cortex XDR agent (c) 8.2.1.120305
Content Version: 1180-68421
   Name     PID    User    Status   Command
   pmd     1180    root    Running  /opt/traps/bin/pmd
"""


@pytest.mark.parametrize(
    ("text", "name", "version", "state", "value", "day"),
    [
        (DEFENDER, "Microsoft Defender", "101.24042.0002", "on", "out_of_date", "2023-08-09"),
        (BITDEFENDER, "Bitdefender Endpoint Security Tools (BEST) for Linux", "7.0.3.2239", "off", "up_to_date",
         "2023-08-24"),
        (SENTINEL, "SentinelAgent", "23.4.2.14", "off", None, None),
        (CORTEX, "Cortex XDR", "8.2.1.120305", "on", None, None),
        ('{"appVersion": "1"}', "Microsoft Defender", "1", None, None, None),
    ],
)  # fmt: skip
def test_state_of_each(
    text: str, name: str, version: str, state: str | None, value: str | None, day: str | None
) -> None:
    (trace,) = parse_file(text.encode(), "answer")
    assert isinstance(trace, Trace)
    assert (trace.kind, trace.name, trace.version) == ("antivirus", name, version)
    assert (trace.state, trace.value, trace.day) == (state, value, day)
    assert "secret" not in repr(trace)


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b"Permission denied", b'{"appVersion": 7}', b"\xff\xfe{"])
def test_another_answer_is_a_problem(data: bytes) -> None:
    assert len(problems(list(parse_file(data, "answer")))) == 1


def test_a_recorded_machine_tells_it(tmp_path: Path) -> None:
    found = found_on(ANTIVIRUS, tmp_path, {"/commands/mdatp_health_--output_json.txt": DEFENDER})
    assert [item.name for item in found if isinstance(item, Trace)] == ["Microsoft Defender"]


def test_a_machine_without_any_is_absent(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        list(ANTIVIRUS.collect(machine_of(tmp_path, {})))
