"""Pages of whoever is not signed in yet, and of one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.console.frame import Frame
from auditor.console.rendering import render


@dataclass(frozen=True)
class TokenLine:
    """One token for programmes, as its owner sees it."""

    id: str
    name: str
    acts: tuple[str, ...]
    expires_at: str
    is_revoked: bool


def sign_in(frame: Frame, *, onward: str, fault: str | None = None, login: str = "") -> str:
    """Return the page that asks for login and password."""
    return render(
        "sign_in.html.j2", frame, step="login", onward=onward, fault=fault, login=login, secret="", address=""
    )


def second(frame: Frame, *, fault: str | None = None) -> str:
    """Return the page that asks for a code."""
    return render("sign_in.html.j2", frame, step="second", onward="", fault=fault, login="", secret="", address="")


def change(frame: Frame, *, fault: str | None = None) -> str:
    """Return the page that asks for a new password before anything else."""
    return render("sign_in.html.j2", frame, step="change", onward="", fault=fault, login="", secret="", address="")


def enrol(frame: Frame, *, secret: str, address: str, fault: str | None = None) -> str:
    """Return the page that sets up the second factor before anything else."""
    return render(
        "sign_in.html.j2", frame, step="enrol", onward="", fault=fault, login="", secret=secret, address=address
    )


def account(
    frame: Frame,
    *,
    login: str,
    roles: Sequence[str],
    units: Sequence[str],
    is_local: bool,
    has_code: bool,
    tokens: Sequence[TokenLine],
    new_token: str = "",
    secret: str = "",
    address: str = "",
    fault: str | None = None,
    done: str | None = None,
) -> str:
    """Return the page of one's own account."""
    return render(
        "account.html.j2",
        frame,
        login=login,
        roles=roles,
        units=units,
        is_local=is_local,
        has_code=has_code,
        tokens=tokens,
        new_token=new_token,
        secret=secret,
        address=address,
        fault=fault,
        done=done,
    )
