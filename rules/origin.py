"""Packages that came with a distribution, told by their origin or maintainer, and those that others delivered.

A package of the distribution is part of it: it stands on no form by itself and needs no licence of its own. A package
of another vendor stands singly, also when the distribution's shop delivered it (`com.…`, `cn.…`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.product import Kind, LicenceClass
from rules.title import Title

PACKAGE_SOURCES = frozenset({"dpkg", "rpm", "pacman", "apk", "opkg"})
STORE_SOURCES = frozenset({"snap", "flatpak", "opt_apps"})


@dataclass(frozen=True)
class Distribution:
    """How a distribution signs its packages; words and domains in lower case."""

    id: str
    words: tuple[str, ...]
    domains: tuple[str, ...]
    own_prefixes: tuple[str, ...] = ()
    """Names of its own, not open parts: they come with the licence of the system."""


DISTRIBUTIONS = (
    Distribution("debian", ("debian",), ("debian.org", "lists.alioth.debian.org", "alioth.debian.org", "debian.net")),
    Distribution("ubuntu", ("ubuntu",), ("ubuntu.com", "canonical.com", "launchpad.net")),
    Distribution("openkylin", ("openkylin",), ("openkylin.top",)),
    Distribution(
        "kylin",
        ("kylinos", "kylinsoft", "kylin", "麒麟软件"),
        ("kylinos.cn", "kylinos.com.cn", "kylinsoft.com"),
        ("kylin-", "libkylin", "libkysdk", "kysdk-", "kysec", "ksaf-", "biometric-"),
    ),
    Distribution(
        "uos",
        ("uos", "uniontech", "union tech", "统信软件"),
        ("uniontech.com", "chinauos.com"),
        ("uos-", "uosi-", "uniontech-", "libuos", "udcp-"),
    ),
    Distribution("deepin", ("deepin",), ("deepin.org", "deepin.com")),
    Distribution("openeuler", ("openeuler", "open euler"), ("openeuler.org",)),
    Distribution("anolis", ("anolis", "openanolis"), ("openanolis.cn", "openanolis.org")),
    Distribution("opencloudos", ("opencloudos", "tencentos"), ("opencloudos.org", "opencloudos.tech")),
    Distribution("redhat", ("red hat", "redhat"), ("redhat.com",)),
    Distribution("fedora", ("fedora",), ("fedoraproject.org",)),
    # A public repository that builds open software for Fedora and its kin.
    Distribution("remi", ("remi collet",), ("remirepo.net", "famillecollet.com")),
    Distribution("centos", ("centos",), ("centos.org",)),
    Distribution("rocky", ("rocky",), ("rockylinux.org", "resf.org")),
    Distribution("almalinux", ("almalinux",), ("almalinux.org",)),
    Distribution("oracle", ("oracle america", "oracle linux"), ()),
    Distribution("amazon", ("amazon linux", "amazon.com"), ()),
    Distribution("suse", ("suse", "opensuse"), ("suse.com", "suse.de", "opensuse.org")),
    Distribution("mageia", ("mageia",), ("mageia.org",)),
    Distribution("arch", ("arch linux",), ("archlinux.org",)),
    Distribution("alpine", ("alpine",), ("alpinelinux.org",)),
    Distribution("mint", ("linux mint", "linuxmint"), ("linuxmint.com",)),
    Distribution("kali", ("kali",), ("kali.org", "offensive-security.com")),
    Distribution("raspbian", ("raspbian", "raspberry pi"), ("raspbian.org", "raspberrypi.com", "raspberrypi.org")),
    Distribution("loongnix", ("loongnix",), ("loongnix.cn", "loongson.cn")),
    Distribution("nfs", ("中科方德", "nfschina"), ("nfschina.com",), ("nfs-",)),
)

_REVERSE_DOMAIN = re.compile(
    r"(?:com|cn|org|net|io|top|edu|gov|info|me|app|dev|tv|cc|de|uk|store|deepin|spark)\.[\w-]+\.?[\w.+-]*$"
)
_OWN_NAMESPACE = re.compile(
    r"(?:com\.(?:deepin|uniontech|kylin|kylinos)|org\.(?:deepin|uniontech|kylin|kde|gnome|freedesktop|debian)|"
    r"cn\.kylinos|top\.openkylin)\."
)
_MAIL = re.compile(r"<?([\w.+-]+)@([\w.-]+)>?")
_NOT_FREE = re.compile(r"\b(?:non-free(?:-firmware)?|restricted|multiverse|proprietary|commercial)\b", re.IGNORECASE)
_LIBRARY_SECTIONS = frozenset(
    [
        "libs",
        "libdevel",
        "oldlibs",
        "python",
        "perl",
        "ruby",
        "php",
        "java",
        "javascript",
        "haskell",
        "ocaml",
        "rust",
        "golang",
        "lisp",
        "gnu-r",
        "debug",
        "doc",
        "localization",
        "introspection",
        "fonts",
        "kernel",
        "metapackages",
        "firmware",
        "translations",
    ]
)
_BASE_SECTIONS = frozenset({"admin", "shells", "text", "interpreters", "base"})
_ARCHIVE_SECTIONS = frozenset(
    [
        "admin",
        "cli-mono",
        "comm",
        "database",
        "debian-installer",
        "devel",
        "doc",
        "editors",
        "education",
        "electronics",
        "embedded",
        "fonts",
        "games",
        "gnome",
        "gnu-r",
        "gnustep",
        "graphics",
        "hamradio",
        "haskell",
        "httpd",
        "interpreters",
        "introspection",
        "java",
        "javascript",
        "kde",
        "kernel",
        "libdevel",
        "libs",
        "lisp",
        "localization",
        "mail",
        "math",
        "metapackages",
        "misc",
        "net",
        "news",
        "ocaml",
        "oldlibs",
        "otherosfs",
        "perl",
        "php",
        "python",
        "ruby",
        "rust",
        "science",
        "shells",
        "sound",
        "tasks",
        "tex",
        "text",
        "utils",
        "vcs",
        "video",
        "web",
        "x11",
        "xfce",
        "zope",
    ]
)


_REVISION = re.compile(r"-\d[\w.+~]*$")
_ARCHIVE_MARK = re.compile(r"[~+]deb\d+u\d+|ubuntu\d|[~+]rpi\d|[~+]b\d+$|nmu\d")
_PERSON = re.compile(
    r"(?![^<]*\b(?:inc|ltd|llc|gmbh|corp|corporation|co|company|team|group|authors|packages?|packagers?|builds?|builder|"
    r"support|developers?|maintainers?|release|linux|software|project|info|admin|sales)\b)"
    r"(?:[\"(]?[^\W\d_][\w.'’-]*[\")]?,? ){1,5}<[^<>@\s]+@[^<>@\s]+>$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Origin:
    """What the origin of a package says of it."""

    distribution: str
    kind: Kind
    licence_class: LicenceClass
    because: str
    """The words that decided."""


def distribution_of(text: str | None) -> str | None:
    """Return the distribution that an origin, vendor or maintainer names, `None` when none."""
    if not text:
        return None
    folded = text.casefold()
    mail = _MAIL.search(folded)
    if mail is not None:
        domain = mail.group(2)
        for known in DISTRIBUTIONS:
            if any(domain == own or domain.endswith("." + own) for own in known.domains):
                return known.id
        folded = folded[: mail.start()]
    for known in DISTRIBUTIONS:
        if any(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", folded) for word in known.words):
            return known.id
    return None


def package_origin(title: Title) -> Origin | None:
    """Return what the origin says of a package, `None` when somebody else than a distribution delivered it."""
    if title.source not in PACKAGE_SOURCES:
        return None
    name = title.identifier or title.name
    if _is_of_others(name):
        return None
    for words in (title.origin, title.publisher):
        found = distribution_of(words)
        if found is not None and words is not None:
            return _origin(title, found, words)
    return _unsigned(title)


def _is_of_others(name: str) -> bool:
    """A reverse domain name is a shop's application, whoever packed it."""
    folded = name.casefold()
    return bool(_REVERSE_DOMAIN.match(folded)) and not _OWN_NAMESPACE.match(folded)


def _section(title: Title) -> str:
    """The section without its area: `non-free/libs` is `libs`."""
    return (title.section or "").rpartition("/")[2].casefold()


def _unsigned(title: Title) -> Origin | None:
    """Packages whose maintainer is a person: the archive's marks decide."""
    match title.source:
        case "apk":
            return _origin(title, "alpine", title.publisher or "apk")
        case "pacman" if title.publisher and "unknown packager" not in title.publisher.casefold():
            return _origin(title, "arch", title.publisher)
        case "rpm" if title.name == "gpg-pubkey":
            return Origin("rpm", Kind.SYSTEM_PART, LicenceClass.BUNDLED, "gpg-pubkey")
        case "dpkg" if not title.publisher and _section(title) in _LIBRARY_SECTIONS | _BASE_SECTIONS:
            # Inventories of other tools leave the maintainer out.
            return _origin(title, "debian", f"section {title.section}")
        case "dpkg" if _looks_like_an_upload(title):
            return _origin(title, "debian", title.publisher or "dpkg")
        case _:
            return None


def _looks_like_an_upload(title: Title) -> bool:
    """Whether a person with a private address uploaded it to the archive.

    Teams of the archive have addresses of the archive. What is left of it bears the name of a person, a section of the
    archive and either a revision or, where the archive itself is the author, its mark in the version (`37~deb12u1`); a
    vendor's package bears the name of a company, a team or the product. What this gets wrong: a package that a person
    of the unit made with a revision of its own is taken for the archive's, and an archive's own package without either
    (`netbase 6.4`) is not, unless the catalogue names it.
    """
    section, version = _section(title), title.version or ""
    is_library = section in _LIBRARY_SECTIONS
    if section not in _ARCHIVE_SECTIONS or not _PERSON.match(title.publisher or ""):
        return False
    if _ARCHIVE_MARK.search(version):
        return True
    if _REVISION.search(version) is None:
        return False
    # One word may be a nickname or the name of a product; a library is of no product either way.
    return is_library or (title.publisher or "").partition(" <")[0].count(" ") > 0


def _origin(title: Title, distribution: str, because: str) -> Origin:
    return Origin(distribution, _part_kind(title), _part_class(title, distribution), because)


def _part_kind(title: Title) -> Kind:
    section = _section(title)
    if section == "fonts" or title.name.startswith("fonts-") or "-fonts-" in f"{title.name}-":
        return Kind.FONT
    library = section in _LIBRARY_SECTIONS or title.name.startswith(("lib", "python3-", "perl-", "gir1.2-"))
    return Kind.COMPONENT if library else Kind.SYSTEM_PART


def _part_class(title: Title, distribution: str) -> LicenceClass:
    if _NOT_FREE.search(title.section or "") or _NOT_FREE.search(title.licence or ""):
        return LicenceClass.UNKNOWN
    if "firmware" in title.name:
        return LicenceClass.BUNDLED  # binaries of a device's maker: they come with the system and are not open
    own = next((known.own_prefixes for known in DISTRIBUTIONS if known.id == distribution), ())
    return LicenceClass.BUNDLED if title.name.startswith(own) and own else LicenceClass.OPEN_SOURCE
