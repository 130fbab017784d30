"""Signed figures of a submission go up to the checker above: signed once, kept in the outbox, sent until it has them.

A submission has one message, known by its number, so that whoever asks for it first, a person or the schedule, asks for
all; the same file goes again at each attempt, and the checker above takes it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from auditor.errors import AuditorError, WrongUsage, both
from auditor.letters.submissions import signed_figures, signing_key
from auditor.store.dossiers import SUBMISSIONS, Dossier, list_dossiers
from auditor.store.outbox import Content, OutboxRow, find_message, put_again, put_once
from auditor.store.runs import IssuedFile, list_issued, record_issued
from auditor.store.trail import append_trail
from auditor.supervision.jobs import TO_TIER_ABOVE, check_tier_above
from auditor.supervision.submission import CORRECTED, SUBMITTED

if TYPE_CHECKING:
    from auditor.proof.signing import SigningKey
    from auditor.settings import Settings
    from auditor.store.database import Connection, Store

SIGNED_NAME = "-signed.json"
"""Ending of the name of a signed file of figures, behind the number of its submission."""


def sign_submission(
    store: Store, key: SigningKey, submission: Dossier, *, with_received: bool, at: str
) -> tuple[str, str, int]:
    """Sign the figures of a submission and keep the file as one that was issued; return name, digest and bytes.

    One of a correction names the file that it takes the place of.
    """
    with store.read() as connection:
        corrects = _digest_of(_signed_before(connection, submission))
    data = signed_figures(
        store, key, unit=submission["unit"], duty=submission["duty"], period=submission["period"],
        run=submission["run"], with_received=with_received, corrects=corrects, at=at,
    )  # fmt: skip
    with store.begin() as connection:
        name = _name(submission)
        digest = record_issued(connection, run=submission["run"], file_name=name, content=data, now=at)
    return name.partition("/")[2], digest, len(data)


def message_of(connection: Connection, submission: Dossier) -> OutboxRow | None:
    """Return where the figures of a submission stand on their way up; `None` when nobody has sent them."""
    return find_message(connection, message_id(submission))


def may_go_up(settings: Settings) -> bool:
    """Whether settings name the checker above and the key that signs."""
    return bool(settings.text("submission_url") and settings.text("submission_key"))


def put_up(store: Store, settings: Settings, submission: Dossier, *, with_received: bool, at: str) -> OutboxRow:
    """Put the newest signed file of a submission, or a new one, into the outbox, to go up at once.

    What is there already goes at once, with a newer file where one was signed since. What arrived does not go again.
    Raises `WrongUsage` where a setting is missing, `AuditorError` for what is not submitted.
    """
    check_tier_above(settings)
    key = signing_key(settings)
    if submission["state"] not in (SUBMITTED, CORRECTED):
        told = both("报送后才能上报", "it goes to the tier above when it was submitted")
        raise AuditorError(f"{submission['number']}: {told}")
    with store.read() as connection:
        digest = _digest_of(_signed(connection, submission))
    if digest is None:
        _, digest, _ = sign_submission(store, key, submission, with_received=with_received, at=at)
    message = message_id(submission)
    subject = " ".join(str(submission[name]) for name in ("number", "unit", "duty", "period"))
    content = Content(subject, (), ((_name(submission).partition("/")[2], digest),))
    with store.begin() as connection:
        if put_once(connection, message=message, channel=TO_TIER_ABOVE, content=content, at=at):
            append_trail(connection, at=at, act="submission.goes_up", subject=f"submission {subject} {digest}")
        else:
            put_again(connection, message, content, at=at)
        found = find_message(connection, message)
    assert found is not None
    return found


def put_up_submitted(store: Store, settings: Settings, *, at: str) -> list[str]:
    """Put every submission of the unit that settings name into the outbox that is not there; return the numbers.

    Of a submission and its correction the earlier goes first. Nothing where a setting is missing.
    """
    unit = settings.text("submission_unit")
    if not unit or not may_go_up(settings):
        return []
    with store.read() as connection:
        found: Sequence[Dossier] = list_dossiers(connection, SUBMISSIONS, unit=unit)
        waiting = [row for row in found if _is_due(connection, row) and message_of(connection, row) is None]
    for row in waiting:
        put_up(store, settings, row, with_received=True, at=at)
    return [row["number"] for row in waiting]


def must_name_tier_above(settings: Settings) -> None:
    """Raise `WrongUsage` unless settings name the checker above and the key that signs."""
    if not settings.text("submission_url"):
        told = both("应设置上级核查端地址", "expected the address of the checker above")
        raise WrongUsage(f"submission_url: {told}")
    check_tier_above(settings)
    signing_key(settings)


def _is_due(connection: Connection, submission: Dossier) -> bool:
    """Of what was corrected since, only what was signed: the correction names that file."""
    corrected = submission["state"] == CORRECTED and _signed(connection, submission) is not None
    return submission["state"] == SUBMITTED or corrected


def message_id(submission: dict[str, Any]) -> str:
    """Return the id of the message that takes a submission up."""
    return f"{submission['number']}.{TO_TIER_ABOVE}"


def _name(submission: dict[str, Any]) -> str:
    return f"{submission['unit']}/{submission['number']}{SIGNED_NAME}"


def _signed(connection: Connection, submission: Dossier) -> IssuedFile | None:
    """The newest signed file of a submission that was made here."""
    made = [f for f in list_issued(connection, submission["run"]) if f.file_name == _name(submission)]
    return made[-1] if made else None


def _signed_before(connection: Connection, submission: Dossier) -> IssuedFile | None:
    """The signed file of what a submission corrects."""
    rows = list_dossiers(connection, SUBMISSIONS, unit=submission["unit"])
    before = next((row for row in rows if row["id"] == submission["corrects"]), None)
    return _signed(connection, before) if before is not None else None


def _digest_of(file: IssuedFile | None) -> str | None:
    return file.digest if file is not None else None
