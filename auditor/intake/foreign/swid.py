"""SWID tags as files: ISO/IEC 19770-2 of 2015 and 2009, one tag a file, the tags of one folder one machine.

Gaps:   a tag says nothing of the machine: whose tags they are, the folder's name or the option `--machine` says. A tag
    that describes a medium (corpus) or only adds to another (supplemental) is no installed software.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.formats.swid import SwidFault, SwidTag, read_swid
from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from auditor.core.other_tools import DEVICE, PARTS
from auditor.errors import Refused
from auditor.intake.foreign.told import Came, Read, utc

SOURCE = "swid_files"
SCOPE = "swid_files:tags"
ENDINGS = (".swidtag", ".swid")
_NOT_INSTALLED = ("corpus", "supplemental")


def read_swid_tags(files: Iterable[tuple[str, bytes]], machine: str, came: Came) -> Read:
    """Return the document of one machine's tags, each with the name of its file. Raises `Refused` when none is one."""
    software, problems = [], []
    for name, data in files:
        try:
            tag = read_swid(data)
        except SwidFault as fault:
            problems.append(f"{name}: expected a SWID tag: {fault}")
            continue
        if tag.kind in _NOT_INSTALLED:
            problems.append(f"{name}: a {tag.kind} tag is no installed software")
        else:
            software.append(_software(tag, name))
    if not software:
        raise Refused("", "; ".join(problems) or "expected SWID tags")
    unsure = Fault("tags", "a folder of tags does not say whether it is whole")
    document = Inventory(
        contract=CONTRACT_VERSION,
        collected_at=utc(came.at),
        scanner=Scanner("swid", "unknown", agent_id=f"{DEVICE}{SOURCE}:{machine.casefold()}"),
        host=Host(OperatingSystem("other"), name=machine),
        software=tuple(software),
        coverage=(
            ScopeRun(SOURCE, SCOPE, Outcome.PARTIAL, found=len(software), faults=(unsure,)),
            ScopeRun(PARTS, f"{SOURCE}:document", Outcome.PARTIAL),
        ),
    )
    return Read((document,), tuple(problems))


def _software(tag: SwidTag, seen_at: str) -> Software:
    return Software(
        source="swid_tags",
        name=tag.name,
        scope=SCOPE,
        seen_at=seen_at,
        version=tag.version,
        publisher=tag.creator,
        identifier=tag.tag_id,
        language=tag.language,
        origin=tag.tag_creator,
        update=True if tag.kind == "patch" else None,
        edition=tag.edition,
        release_type=tag.kind,
        licence_channel=tag.channel,
    )
