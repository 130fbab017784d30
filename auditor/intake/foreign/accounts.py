"""Accounts of other tools' agents: who may report with a name and a password, from a file of hashes.

One account a line: `name:hash` or `name:hash:unit`; the hash is argon2id's, or `certificate` where the name is that of
a client certificate and has no password. Blank lines and lines that begin with `#` are passed over.
`zhengban agents account NAME` writes such a line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import NotAuthentic, WrongUsage, both
from auditor.proof.passwords import fits
from auditor.settings import Settings

REALM = "zhengban"
BY_CERTIFICATE = "certificate"
"""In the place of a hash: an account without a password."""
_MOST_REMEMBERED = 1_000
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""Headers of a proxy: what it passes on does not come from where the connection comes from."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True)
class Account:
    """One account; `unit` is that of the machines that report with it, `None` when it is not said."""

    name: str
    hash: str
    unit: str | None = None


@dataclass(frozen=True)
class Caller:
    """Who reports: an account, or nobody in particular over an open end."""

    account: Account | None = None


class Doorkeeper:
    """Tells who may report. A password that was right is remembered, so that the hash is worked out once a process."""

    def __init__(self, settings: Settings) -> None:
        self._networks = networks_of(settings)
        self._accounts = accounts_of(settings)
        self._secret = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, Account] = OrderedDict()

    def admit(self, address: str, headers: Mapping[str, str]) -> Caller:
        """Return who reports. Raises `NotAuthentic`.

        `headers` by names in lower case. A name that is given is checked, also where none is asked for.
        """
        told = headers.get("authorization", "")
        if told:
            return Caller(self._account(told))
        if self.is_open_to(address, headers):
            return Caller()
        raise NotAuthentic(both("需要用户名和口令", "a name and a password are needed"))

    def admit_certificate(self, name: str) -> Caller:
        """Return who showed a certificate of the setting `tls_client_ca`; its common name is that of an account or new.

        An account of that name says the unit; its password is not asked for.
        """
        known = self._accounts.get(name)
        return Caller(Account(name, "", known.unit if known is not None else None))

    def is_open_to(self, address: str, headers: Mapping[str, str]) -> bool:
        """Tell whether an address may report without a name: loopback, and the networks of `foreign_networks`."""
        if any(name in headers for name in _FORWARDED):
            return False
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in self._networks)

    def _account(self, told: str) -> Account:
        kind, _, packed = told.partition(" ")
        try:
            name, colon, password = base64.b64decode(packed.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            colon = name = password = ""
        account = self._accounts.get(name) if kind.casefold() == "basic" and colon else None
        mark = hmac.new(self._secret, f"{name}\0{password}".encode(), hashlib.sha256).digest()
        if mark in self._known:
            return self._known[mark]
        if not fits(password, account.hash if account is not None else None) or account is None:
            raise NotAuthentic(_wrong())
        self._known[mark] = account
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return account


def networks_of(settings: Settings) -> tuple[Network, ...]:
    """Return loopback and the networks of the setting `foreign_networks`. Raises `WrongUsage`."""
    found: list[Network] = []
    for word in (*_LOOPBACK, *(part.strip() for part in settings.text("foreign_networks").split(","))):
        if word:
            try:
                found.append(ipaddress.ip_network(word))
            except ValueError as error:
                told = both("应为网段，如 10.1.0.0/16", "expected a network such as 10.1.0.0/16")
                raise WrongUsage(f"foreign_networks: {word}: {told}: {error}") from error
    return tuple(found)


def accounts_of(settings: Settings) -> dict[str, Account]:
    """Return the accounts of the file of the setting `foreign_accounts`. Raises `WrongUsage` with every faulty line."""
    path = settings.text("foreign_accounts")
    if not path:
        return {}
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        told = both("应为账号文件", "expected a file of accounts")
        raise WrongUsage(f"foreign_accounts: {path}: {told}: {error}") from error
    found: dict[str, Account] = {}
    faults = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        hashed, _, unit = rest.partition(":")
        if not name or not (hashed.startswith("$argon2id$") or hashed == BY_CERTIFICATE) or name in found:
            told = both("应为 名称:argon2id 摘要[:单位]，名称不重复", "expected NAME:HASH[:UNIT], each name once")
            faults.append(f"{path}!{number}: {told}")
        else:
            found[name] = Account(name, hashed, unit or None)
    if faults:
        raise WrongUsage("\n".join(faults))
    return found


def _wrong() -> str:
    return both("用户名或口令不对", "the name or the password is wrong")
