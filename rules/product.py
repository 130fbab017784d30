"""Product: what one product file of the catalogue says. The words of each vocabulary stand here once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rules.product_rights import Alternatives, FurtherRight, Proof


class LicenceClass(StrEnum):
    """What the right holder asks for the use that an organisation makes of it."""

    COMMERCIAL = "commercial"
    OEM = "oem"
    TRIAL = "trial"
    FREE = "free"
    PERSONAL_FREE = "personal_free"
    OPEN_SOURCE = "open_source"
    BUNDLED = "bundled"
    UNKNOWN = "unknown"


COUNTED = frozenset({LicenceClass.COMMERCIAL, LicenceClass.OEM, LicenceClass.TRIAL})
"""Classes whose copies need a right each."""


class Kind(StrEnum):
    """What kind of thing a title is; only applications, suites and operating systems stand alone on a form."""

    APPLICATION = "application"
    SUITE = "suite"
    COMPONENT = "component"
    OPERATING_SYSTEM = "operating_system"
    UPDATE = "update"
    DRIVER = "driver"
    RUNTIME = "runtime"
    LANGUAGE_PACK = "language_pack"
    PLUG_IN = "plug_in"
    GAME = "game"
    FONT = "font"
    SYSTEM_PART = "system_part"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """What it is for. The first three are the general classes of 国办发〔2013〕88号 article 2."""

    OPERATING_SYSTEM = "operating_system"
    OFFICE = "office"
    ANTIVIRUS = "antivirus"
    INDUSTRIAL = "industrial"
    DATABASE = "database"
    MIDDLEWARE = "middleware"
    VIRTUALISATION = "virtualisation"
    DEVELOPMENT = "development"
    CREATIVE = "creative"
    PDF = "pdf"
    BROWSER = "browser"
    ARCHIVER = "archiver"
    INPUT_METHOD = "input_method"
    COMMUNICATION = "communication"
    MEETING = "meeting"
    MAIL = "mail"
    REMOTE_CONTROL = "remote_control"
    FINANCE = "finance"
    OFFICE_SYSTEM = "office_system"
    SECURITY = "security"
    NETWORK = "network"
    MEDIA = "media"
    CLOUD_STORAGE = "cloud_storage"
    UTILITY = "utility"
    FONT = "font"
    GAME = "game"
    RUNTIME = "runtime"
    DRIVER = "driver"
    SYSTEM = "system"
    ACTIVATION_TOOL = "activation_tool"
    OTHER = "other"


PLATFORMS = ("windows", "linux", "macos", "other")
"""Families of operating systems."""

COLLECTORS = (
    "operating_system",
    "uninstall_keys",
    "appx",
    "dpkg",
    "rpm",
    "pacman",
    "apk",
    "snap",
    "flatpak",
    "opt_apps",
    "desktop_entries",
    "applications",
    "receipts",
    "homebrew",
    "system_profiler",
    "swid_tags",
    "opkg",
    "nix",
    "portage",
    "cos",
    "bsd_packages",
    "aix_filesets",
    "hpux_software",
    "solaris_packages",
    "chrome_extensions",
    "vscode_extensions",
    "python_packages",
    "npm_packages",
)
"""Sources of titles that a rule may ask for: names of collectors, and the title of the operating system."""


@dataclass(frozen=True)
class Licensing:
    """The licence class with the page it rests on, or an explicit `unverified`."""

    licence_class: LicenceClass
    metric: str | None = None
    """One of `metrics/roster.py`; `None` where nothing is counted."""
    trial_days: int | None = None
    terms: str | None = None
    """Address of the page that the class rests on."""
    terms_read_on: date | None = None
    unverified: bool = False
    """The class is general knowledge; a report must not present it as official."""
    note: str | None = None


@dataclass(frozen=True)
class Edition:
    """One edition of a product; what it says of the licence goes before what the product says."""

    id: str
    zh: str
    en: str
    licence_class: LicenceClass | None = None
    metric: str | None = None
    for_organisations: bool | None = None
    """False: home editions and the like, outside the genuine range of a unit."""


@dataclass(frozen=True)
class ReleaseLine:
    """One line of releases that is bought and supported as one: `2016`, `10`, `V10`."""

    id: str
    released_on: date | None = None
    support_ends_on: date | None = None
    rank: int | None = None
    """Order among the lines of the product; the order in the file when not given."""


@dataclass(frozen=True)
class Example:
    """A title that a rule must match, or must not."""

    name: str
    publisher: str | None = None
    version: str | None = None
    identifier: str | None = None
    gives: dict[str, str] = field(default_factory=dict)
    """What the recognition must say of it: `edition`, `line`, `version`, `class`, `kind`."""


@dataclass(frozen=True)
class Rule:
    """One pattern. Every condition that is given must hold; patterns are anchored at both ends."""

    id: str
    name: str | None = None
    """RE2 pattern on the cleaned name, case folded; groups `version`, `line`, `edition` are taken."""
    identifier: str | None = None
    """RE2 pattern on the source's own key: package name, product code, bundle id."""
    publisher: str | None = None
    """A publisher id; holds when the title's publisher is one of its spellings, or the title has none."""
    publisher_required: bool = False
    """True: a title without a publisher does not match."""
    collectors: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    versions: str | None = None
    """Range on the title's version: `>=10.0.22000`, `>=12,<13`."""
    edition: str | None = None
    line: str | None = None
    edition_words: tuple[tuple[str, str], ...] = ()
    """Word found in the `edition` group or the identifier → edition id."""
    licence_class: LicenceClass | None = None
    kind: Kind | None = None
    matches: tuple[Example, ...] = ()
    rejects: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Product:
    """All that is known of one product."""

    id: str
    """`<publisher>/<product>`, the path of its file."""
    zh: str
    en: str
    publisher: str
    kind: Kind
    category: Category
    licensing: Licensing
    rules: tuple[Rule, ...]
    aliases: tuple[str, ...] = ()
    """Other names under which a ledger may write it, at most ten."""
    country: str | None = None
    """ISO 3166 code of the right holder's country; `None` for a community."""
    editions: tuple[Edition, ...] = ()
    lines: tuple[ReleaseLine, ...] = ()
    parts: tuple[str, ...] = ()
    """Products that come with this suite."""
    sources: tuple[str, ...] = ()
    """Pages that names and facts were read from."""
    evidence: tuple[Proof, ...] = ()
    """What shows that a licence of it is held."""
    rights: tuple[FurtherRight, ...] = ()
    alternatives: Alternatives | None = None


@dataclass(frozen=True)
class Publisher:
    """One right holder with its spellings."""

    id: str
    zh: str
    en: str
    country: str | None = None
    spellings: tuple[str, ...] = ()
    """Names as installers write them; compared without case, punctuation and legal form."""
