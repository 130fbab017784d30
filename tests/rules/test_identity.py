"""Groups of known and unknown titles, and publishers cleaned."""

from __future__ import annotations

import pytest
from made_once import shipped

from rules.publishers import clean_publisher, organisation_of, publisher_key
from rules.recognition import Recogniser
from rules.title import Title

RECOGNISER = Recogniser(shipped())


def group(name: str, publisher: str | None = None, version: str | None = None) -> str:
    return RECOGNISER.recognise(Title("windows", "uninstall_keys", name, publisher, version)).group


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (["Mozilla Firefox 91.2 (x64 en-US)", "Mozilla Firefox 102.0.1 (x64 de)", "Mozilla Firefox"], True),
        (["Mozilla Firefox 91.2 (x64 en-US)", "Mozilla Firefox 91.2.0 ESR (x64 en-US)"], False),
        (["Microsoft SQL Server 2016", "Microsoft SQL Server 2017"], False),
        (["Python 3.8.1 (64-bit)", "Python 3.9.0 (64-bit)"], True),
        (["Python 3.8.1 (64-bit)", "Python Launcher"], False),
        (["某工具 1.2", "某工具 3.4 (64位)", "某工具 V2.0 正式版"], True),
        (["Some Tool 1.2 Trial", "Some Tool (Trial)", "Some Tool"], True),
        (["Some Tool", "Some Tool Pro"], False),
    ],
)
def test_what_is_one_line_in_a_list(names: list[str], is_one: bool) -> None:
    assert (len({group(name) for name in names}) == 1) is is_one


def test_the_legal_form_of_the_publisher_makes_no_other_group() -> None:
    spellings = ["Some House, Inc.", "Some House LLC", "SOME HOUSE GmbH & Co. KG", "(c) 2020-2021 Some House S.r.l."]
    assert len({group("Some Tool", spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Trend Micro, Inc.", "Trend Micro"),
        ("Ashampoo GmbH & Co. KG", "Ashampoo"),
        ("Copyright Some House", "Some House"),
        ("(c) 2020-2021 Foo S.r.l.", "Foo"),
        ("X Sp. z o.o.", "X"),
        ("腾讯科技（深圳）有限公司", "腾讯科技(深圳)有限公司"),
        ("Debian Team <team@example.org>", "Debian Team"),
        ('CN="Some House, PBC", O="Some House, PBC", L=City, C=US', "Some House, PBC"),
        ("CN=5BD5593D-A41B-4F89-884E-B4F3E0FBAA75", None),
        ("", None),
        (None, None),
    ],
)
def test_a_publisher_for_people(text: str | None, clean: str | None) -> None:
    assert clean_publisher(text) == clean


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «ЯНДЕКС»", "Яндекс"),
        ("株式会社ジャストシステム", "ジャストシステム"),
        ("CN=Adobe Inc., OU=Adobe Inc., O=Adobe Inc., L=San Jose, C=US", "Adobe"),
        ("PT. Some House Tbk", "Some House"),
    ],
)
def test_legal_forms_of_other_languages(one: str, other: str) -> None:
    assert publisher_key(one) == publisher_key(other)


def test_a_signer_s_organisation_goes_before_its_common_name() -> None:
    assert organisation_of("CN=Shop 42, O=Real House, C=US") == "Real House"
