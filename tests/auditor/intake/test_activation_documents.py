"""Documents that carry activation states: kept whole, decoded strictly, product keys cut."""

from __future__ import annotations

import dataclasses
import json

import pytest
from inventories import inventory
from recorded_machine import recorded_machine, scan_with

from agent.collectors.roster import collectors_for
from agent.inventory.document import encode
from agent.inventory.traces import Activation
from auditor.errors import Refused
from auditor.intake.checking import check
from auditor.intake.unpacking import Bounds, bounds_of
from auditor.settings import load_settings

LICENCE = Activation("windows", "activation:windows", channel="RETAIL", key_last5="3V66T", status_code=1)


@pytest.fixture
def bounds() -> Bounds:
    return bounds_of(load_settings(flags={}))


@pytest.mark.parametrize("machine", ["windows-10-office", "windows-11-design", "windows-7-finance", "uos-20-laptop"])
def test_what_an_agent_found_is_kept(machine: str, bounds: Bounds) -> None:
    recorded = recorded_machine(machine)
    found = scan_with(recorded, *collectors_for(recorded.family))

    checked = check(encode(found), bounds)

    assert checked.inventory == found and found.activations
    assert checked.kept == encode(found)


def test_a_document_without_activations_is_one_of_none(bounds: Bounds) -> None:
    plain = json.loads(encode(inventory()))
    plain.pop("activations", None)
    assert check(json.dumps(plain).encode(), bounds).inventory.activations == ()


def test_a_key_that_an_agent_let_through_is_cut(bounds: Bounds) -> None:
    whole = "ABCDE-FGHJK-LMNPQ-RSTVW-3V66T"
    made = dataclasses.replace(inventory(), activations=(dataclasses.replace(LICENCE, key_last5=whole, status=whole),))
    checked = check(encode(made), bounds)
    assert b"ABCDE-" not in checked.kept and b"RSTVW" not in checked.kept
    assert checked.inventory.activations[0].status == "XXXXX-XXXXX-XXXXX-XXXXX-3V66T"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("status_code", "one", "activations[0].status_code"),
        ("kms_port", 1688.5, "activations[0].kms_port"),
        ("kind", None, "activations[0].kind"),
        ("is_kms_host", "yes", "activations[0].is_kms_host"),
    ],
)
def test_a_fault_names_its_path(field: str, value: object, path: str, bounds: Bounds) -> None:
    plain = json.loads(encode(dataclasses.replace(inventory(), activations=(LICENCE,))))
    plain["activations"][0][field] = value
    with pytest.raises(Refused) as refused:
        check(json.dumps(plain).encode(), bounds)
    assert refused.value.path == path


def test_a_grace_period_that_runs_down_is_no_change(bounds: Bounds) -> None:
    days = [
        check(
            encode(dataclasses.replace(inventory(), activations=(dataclasses.replace(LICENCE, grace_minutes=m),))),
            bounds,
        )
        for m in (259_200, 257_760)
    ]
    other = check(encode(dataclasses.replace(inventory(), activations=(LICENCE,))), bounds)
    unlicensed = dataclasses.replace(LICENCE, status_code=0)
    lost = check(encode(dataclasses.replace(inventory(), activations=(unlicensed,))), bounds)
    assert len({checked.digest for checked in days}) == 2
    assert len({checked.content_digest for checked in (*days, other)}) == 1
    assert lost.content_digest != other.content_digest
