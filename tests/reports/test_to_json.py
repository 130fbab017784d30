"""Models as JSON."""

from __future__ import annotations

import json

from report_builders import audit_report, summary_form

from reports.to_json import render_json


def test_a_form_as_json() -> None:
    told = json.loads(render_json(summary_form()))

    assert told["kind"] == "summary"
    assert told["purchases"][0]["amount"] == "15800.00"
    assert told["purchases"][0]["purchased_on"] == "2019-03-12"
    assert told["coverage"]["unscanned"][0]["reason"] == "never_seen"


def test_a_report_as_json_is_the_same_every_time() -> None:
    assert json.loads(render_json(audit_report()))["kind"] == "report"
    assert render_json(audit_report()) == render_json(audit_report())
