"""Spellings of publishers."""

from __future__ import annotations

import pytest

from rules.product import Publisher
from rules.publishers import PublisherNames, publisher_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Adobe Systems, Inc.", "ADOBE SYSTEMS Incorporated"),
        ("win.rar GmbH", "Win.RAR"),
        ("Tencent Technology (Shenzhen) Company Limited", "Tencent Technology(Shenzhen) Co., Ltd."),
        ("腾讯科技（深圳）有限公司", "腾讯科技(深圳)"),
        ("北京金山办公软件股份有限公司", "北京金山办公软件"),
        ("广联达科技股份有限公司", "广联达科技"),
        ("JetBrains s.r.o.", "JetBrains"),
        ("The Document Foundation", "Document Foundation"),
        ("VideoLAN", "Video LAN"),
        ("WPS Team <support@wps.cn>", "WPS Team"),
        ("Geek Software GmbH & Co. KG", "geek software"),
        ("Microsoft® Corporation", "microsoft corp"),
    ],
)
def test_one_publisher_in_many_spellings(one: str, other: str) -> None:
    assert publisher_key(one) == publisher_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oracle America, Inc.", "Oracle Corporation"),
        ("360安全中心", "360"),
        ("Co", "Inc"),
        ("上海甲", "北京甲"),
    ],
)
def test_different_publishers_stay_different(one: str, other: str) -> None:
    assert publisher_key(one) != publisher_key(other)


def test_names_of_the_catalogue_find_their_publisher_and_clashes_are_kept() -> None:
    names = PublisherNames(
        [
            Publisher("tencent", "腾讯", "Tencent", spellings=("腾讯科技(深圳)有限公司",)),
            Publisher("other", "其他", "Other", spellings=("TENCENT Inc.",)),
        ]
    )

    assert names.publisher_id("腾讯科技（深圳）有限公司") == "tencent"
    assert names.publisher_id("Tencent Ltd") == "tencent"
    assert names.publisher_id("Nobody") is None
    assert names.publisher_id(None) is None
    assert names.clashes == [("TENCENT Inc.", "tencent", "other")]
