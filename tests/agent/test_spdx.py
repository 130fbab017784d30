"""Licence words as SPDX expressions: what is one, what stands for one, and what nobody may guess."""

from __future__ import annotations

import pytest

from agent.formats.debian_copyright import read_copyright
from agent.formats.spdx import spdx_expression, together
from agent.formats.spdx_ids import EXCEPTIONS, LICENCES


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-2", "GPL-2.0-only"),
        ("GPLv2+", "GPL-2.0-or-later"),
        ("LGPLv2.1+", "LGPL-2.1-or-later"),
        ("GPL-3.0-or-later", "GPL-3.0-or-later"),
        ("AGPLv3", "AGPL-3.0-only"),
        ("Expat", "MIT"),
        ("ASL-2.0 and (GPLv2+ or MIT)", "Apache-2.0 AND (GPL-2.0-or-later OR MIT)"),
        ("GPL-2.0-or-later WITH GCC-exception-2.0", "GPL-2.0-or-later WITH GCC-exception-2.0"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("GPL-2+ with Texinfo exception or MIT", "GPL-2.0-or-later WITH Texinfo-exception OR MIT"),
        ("MPL-2.0 | EUPL-1.2", "MPL-2.0 OR EUPL-1.2"),
        ("LicenseRef-WPS-EULA", "LicenseRef-WPS-EULA"),
        ("MulanPSL-2.0", "MulanPSL-2.0"),
    ],
)
def test_what_can_be_read(words: str, expression: str) -> None:
    assert spdx_expression(words) == expression


@pytest.mark.parametrize(
    "words",
    ["", " ", "BSD", "GPL", "GPL2", "Artistic", "custom", "Public Domain", "MIT, BSD-3-Clause", "MIT AND", "AND MIT",
     "(MIT", "MIT)", "()", "MIT MIT", "MIT WITH nothing", "GPL-3+ with Bison exception", "MIT exception", "GPLv9",
     "专有软件", "a" * 3000, "(" * 500 + "MIT", "MIT\0"],
)  # fmt: skip
def test_what_nobody_may_guess(words: str) -> None:
    assert spdx_expression(words) is None


def test_every_identifier_of_the_list_stands_for_itself() -> None:
    deprecated = {"GPL-1.0", "GPL-2.0", "GPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "AGPL-1.0", "AGPL-3.0"}
    deprecated |= {"GFDL-1.1", "GFDL-1.2", "GFDL-1.3"} | {f"{name}+" for name in LICENCES.split()}
    wrong = [name for name in LICENCES.split() if name not in deprecated and spdx_expression(name) != name]
    assert wrong == []
    assert len(LICENCES.split()) == len(set(LICENCES.lower().split())) > 600
    assert len(EXCEPTIONS.split()) > 70


def test_what_is_read_is_read_the_same_again() -> None:
    for words in ("GPL-2+ or MIT", "LGPLv2+ and (MIT or ASL-2.0)", "GPLv3+ with Bison-exception-2.2"):
        once = spdx_expression(words)
        assert once is not None and spdx_expression(once) == once


def test_alternatives_keep_their_brackets() -> None:
    assert together(["MIT OR ISC", "Zlib", "Zlib"]) == "(MIT OR ISC) AND Zlib"


DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: 示例

Files: *
Copyright: 2020 somebody
License: GPL-2+ or MIT

Files: debian/*
License: Expat
 The text.

License: GPL-2+
 On Debian systems the text is in "/usr/share/common-licenses/GPL-2".
"""


def test_a_machine_readable_copyright_file() -> None:
    read = read_copyright(DEP5)
    assert read is not None
    assert read.names == ("Expat", "GPL-2", "GPL-2+", "MIT")
    assert read.spdx == "(GPL-2.0-or-later OR MIT) AND MIT"


def test_one_name_without_identifier_leaves_the_expression_open() -> None:
    read = read_copyright(DEP5.replace("License: Expat", "License: public-domain"))
    assert read is not None
    assert read.spdx is None and "public-domain" in read.names


@pytest.mark.parametrize("text", [
    "", "Copyright: 2020\nLicense: GPL-2\n", DEP5.replace("Format: ", "Upstream-Contact: "),
    "This package was debianised by somebody.\n\nFormat: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
    "Format: PDF\n\nFiles: *\nLicense: MIT\n", "END USER LICENCE\n\nLicense: MIT",
])  # fmt: skip
def test_of_prose_nothing_is_claimed(text: str) -> None:
    assert read_copyright(text) is None


def test_older_forms_of_the_format_line() -> None:
    for line in ("Format-Specification: http://dep.debian.net/deps/dep5/",
                 "Format: http://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
                 "Format:\n https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"):  # fmt: skip
        read = read_copyright(f"{line}\n\nFiles: *\nLicense: ISC\n")
        assert read is not None and read.spdx == "ISC"


def test_and_after_a_comma_binds_last() -> None:
    read = read_copyright(DEP5.replace("GPL-2+ or MIT\n", "GPL-2+ or MIT, and ISC\n"))
    assert read is not None
    assert read.spdx == "((GPL-2.0-or-later OR MIT) AND ISC) AND MIT"
