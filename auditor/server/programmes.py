"""Every address of the interface for programmes, room by room."""

from __future__ import annotations

from auditor.server.case_api import CASE_API
from auditor.server.check_api import CHECK_API
from auditor.server.ledger_api import LEDGER_API
from auditor.server.paper_api import PAPER_API
from auditor.server.paper_links_api import PAPER_LINK_API
from auditor.server.plan_api import PLAN_API
from auditor.server.public_api import PUBLIC_API
from auditor.server.register_api import REGISTER_API
from auditor.server.request_api import REQUEST_API
from auditor.server.submission_api import SUBMISSION_API
from auditor.server.tending_api import TENDING_API
from auditor.server.user_api import USER_API

PROGRAMMES = (
    *PUBLIC_API,
    *CASE_API,
    *CHECK_API,
    *PAPER_API,
    *REGISTER_API,
    *REQUEST_API,
    *SUBMISSION_API,
    *LEDGER_API,
    *PAPER_LINK_API,
    *PLAN_API,
    *TENDING_API,
    *USER_API,
)
