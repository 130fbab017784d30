"""Keys of sources beside shown names: shops, menus, bundles; what the shipped catalogue makes of them."""

from __future__ import annotations

from functools import cache

import pytest
from made_once import shipped

from rules.product import Kind, LicenceClass
from rules.recognition import CONFIDENCE_OTHER_SYSTEM, Recogniser
from rules.source_keys import asked_names, shop_name, source_key, vendor_and_name
from rules.title import Title


@cache
def recogniser() -> Recogniser:
    return Recogniser(shipped())


def menu(name: str, key: str) -> Title:
    return Title("linux", "desktop_entries", name, identifier=key)


def shop(name: str, key: str) -> Title:
    return Title("linux", "opt_apps", name, version="1.0", identifier=key)


def bundle(name: str, key: str, version: str | None = None) -> Title:
    return Title("macos", "applications", name, version=version, identifier=key)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("org.videolan.vlc", ("videolan", "vlc")),
        ("com.qianxin.browser-stable", ("qianxin", "browser-stable")),
        ("cn.com.gstarsoft.cad", ("gstarsoft", "cad")),
        ("vlc", None),
        ("a.b", None),
        ("wps-office_11.1.0", None),
        ("com..x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_reverse_domain_name_is_vendor_and_program(key: str | None, told: tuple[str, str] | None) -> None:
    assert vendor_and_name(key) == told


def test_a_menu_entry_is_asked_by_its_name_and_its_key() -> None:
    title = menu("VLC 媒体播放器", "vlc.desktop")

    assert source_key(title) == "vlc"
    assert asked_names(title) == ("VLC 媒体播放器", "vlc")


def test_keys_that_name_no_package_are_not_asked_as_names() -> None:
    assert asked_names(Title("windows", "uninstall_keys", "QQ", identifier="{A-1}")) == ("QQ",)
    assert asked_names(bundle("Code", "com.microsoft.VSCode")) == ("Code",)


@pytest.mark.parametrize(
    ("title", "product", "line"),
    [
        (menu("VLC 媒体播放器", "vlc.desktop"), "videolan/vlc", None),
        (menu("微信", "some-launcher.desktop"), "tencent/wechat", None),
        (menu("WPS 表格", "wps-office-et.desktop"), "kingsoft/wps-office", None),
        (shop("中望CAD 2024", "com.zwsoft.zwcad"), "zwsoft/zwcad", "2024"),
        (shop("浩辰CAD", "com.gstarcad.cad"), "gstarsoft/gstarcad", None),
        (shop("播放器", "org.videolan.vlc"), "videolan/vlc", None),
        (shop("福昕办公套件", "com.foxit.foxitofficesuite"), "foxit/ofd-suite", None),
        (bundle("Photoshop", "com.adobe.Photoshop", "25.2.0"), "adobe/photoshop", "2024"),
        (bundle("Photoshop", "com.adobe.Photoshop", "13.0.6"), "adobe/photoshop", None),
        (bundle("Code", "com.microsoft.VSCode"), "microsoft/visual-studio-code", None),
        (bundle("浏览器", "com.google.Chrome"), "google/chrome", None),
        (bundle("Xcode", "com.apple.dt.Xcode"), "apple/xcode", None),
    ],
)
def test_what_a_key_says_goes_with_what_the_name_says(title: Title, product: str, line: str | None) -> None:
    found = recogniser().recognise(title)

    assert (found.product, found.line) == (product, line)


@pytest.mark.parametrize(
    "title",
    [
        shop("盘点", "cn.unit.vlc"),
        shop("盘点", "com.example.code"),
        menu("盘点", "com.unit.pandian.desktop"),
        bundle("物资盘点", "cn.unit.wzpd"),
        Title("windows", "uninstall_keys", "物资条码打印 V2.3", "信息中心", "2.3"),
    ],
)
def test_a_program_of_the_unit_stays_in_the_queue(title: Title) -> None:
    found = recogniser().recognise(title)

    assert (found.product, found.kind, found.licence_class) == (None, Kind.APPLICATION, LicenceClass.UNKNOWN)


@pytest.mark.parametrize(
    "title",
    [
        menu("文件管理器", "dde-file-manager.desktop"),
        menu("文件管理器", "peony.desktop"),
        menu("软件商店", "kylin-software-center.desktop"),
        menu("日历", "org.gnome.Calendar.desktop"),
        bundle("Safari", "com.apple.Safari"),
        bundle("邮件", "com.apple.mail"),
    ],
)
def test_tools_of_the_desktop_are_parts_of_the_system(title: Title) -> None:
    found = recogniser().recognise(title)

    assert (found.product, found.kind, found.licence_class) == (None, Kind.SYSTEM_PART, LicenceClass.BUNDLED)


@pytest.mark.parametrize(
    ("name", "vendor", "first"),
    [
        ("SomeHouse.SomeTool", "Some House", "Some Tool"),
        ("SomeHouse.XMLTool.Stable", "Some House", "XML Tool"),
        ("SomeHouse.iTool", "Some House", "iTool"),
        ("1A2B3C4D.SomeTool", None, "Some Tool"),
    ],
)
def test_words_of_a_shop_s_package_name(name: str, vendor: str | None, first: str) -> None:
    said = shop_name(name)
    assert said is not None
    assert (said.vendor, said.names[0]) == (vendor, first)


@pytest.mark.parametrize("name", ["Some Tool 1.2", "SomeTool", "Some.Tool 2", "1.2.3", "A." + "b" * 200, ""])
def test_other_names_are_no_package_of_the_shop(name: str) -> None:
    assert shop_name(name) is None


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("Microsoft.VisualStudioCode", "microsoft/visual-studio-code"),
        ("AppleInc.iTunes", "apple/itunes"),
        ("KingsoftOfficeSoftware.WPSOffice", "kingsoft/wps-office"),
        ("Microsoft.MicrosoftEdge.Stable", "microsoft/edge"),
        ("SomeHouse.VisualStudioCode", None),  # the house is not Microsoft
        ("12345Somebody.WPSOffice", None),  # the shop's number says no house
    ],
)
def test_a_shop_s_package_name_tells_house_and_program(name: str, product: str | None) -> None:
    found = recogniser().recognise(Title("windows", "appx", name))
    assert found.product == product
    if product is not None:
        assert found.confidence == CONFIDENCE_OTHER_SYSTEM


@pytest.mark.parametrize(
    ("name", "edition", "line"),
    [
        ("Microsoft Office профессиональный плюс 2016", "professional-plus", "2016"),
        ("Microsoft Office LTSC стандартный 2021 - ru-ru", "standard", "2021"),
        ("Microsoft Office Famille et Étudiant 2019 - fr-fr", "home-student", "2019"),
        ("Microsoft Office Hogar y Empresas 2013", "home-business", "2013"),
    ],
)
def test_office_says_its_edition_in_other_languages(name: str, edition: str, line: str) -> None:
    found = recogniser().recognise(Title("windows", "uninstall_keys", name, "Корпорация Майкрософт"))
    assert (found.product, found.edition, found.line) == ("microsoft/office", edition, line)
