"""What titles are, by the sample catalogue beside this file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.catalogue import Catalogue
from rules.loading import load_catalogue
from rules.product import Category, Kind, LicenceClass, Licensing, Product, Rule
from rules.recognition import Recogniser, overlaps, recognise
from rules.title import OPERATING_SYSTEM, Title

CATALOGUE = load_catalogue([Path(__file__).parent / "catalogue"])
RECOGNISER = Recogniser(CATALOGUE)


def windows(name: str, publisher: str | None = None, version: str | None = None, **more: object) -> Title:
    return replace(Title("windows", "uninstall_keys", name, publisher, version), **more)  # type: ignore[arg-type]


def package(name: str, publisher: str | None = None, version: str = "1.0-1", **more: object) -> Title:
    title = Title("linux", "dpkg", name, publisher, version, identifier=name)
    return replace(title, **more)  # type: ignore[arg-type]


def test_a_title_says_its_product_edition_line_and_version() -> None:
    found = RECOGNISER.recognise(
        windows("Microsoft Office 专业增强版 2019 - zh-cn", "Microsoft Corporation", "16.0.10396")
    )

    assert (found.product, found.edition, found.line, found.version) == (
        "microsoft/office",
        "professional-plus",
        "2019",
        "16.0.10396",
    )
    assert (found.kind, found.licence_class, found.category) == (Kind.SUITE, LicenceClass.COMMERCIAL, Category.OFFICE)
    assert (found.confidence, found.rule) == (0.95, "microsoft/office#uninstall-entry")
    assert found.because == "Microsoft Office 专业增强版 2019 - zh-cn · Microsoft Corporation"


@pytest.mark.parametrize(
    ("title", "rule", "confidence"),
    [
        (windows("WinRAR 6.24 (64-bit)"), "rarlab/winrar#uninstall-entry", 0.8),
        (windows("ＷｉｎＲＡＲ　6.24 (64-bit)", "RARLAB"), "rarlab/winrar#uninstall-entry", 0.95),
        (windows("WinRAR 6.24 (64-bit)", "Somebody Else"), None, 0.0),
        (windows("QQ"), None, 0.0),
        (windows("QQ", "腾讯科技（深圳）有限公司"), "tencent/qq#uninstall-entry", 0.95),
        (windows("腾讯QQ"), "tencent/qq#name-alone", 0.8),
        (package("wps-office", "WPS-Office", "11.1.0.11719.XA"), "kingsoft/wps-office#package", 1.0),
        (windows("wps-office"), None, 0.0),
        (windows("Microsoft Office Proof (English) 2016"), "microsoft/office#proof", 0.8),
    ],
)
def test_the_rule_that_decides(title: Title, rule: str | None, confidence: float) -> None:
    found = RECOGNISER.recognise(title)
    assert (found.rule, found.confidence) == (rule, confidence)


@pytest.mark.parametrize(
    ("name", "version", "edition_id", "line", "edition"),
    [
        ("Windows 10 Pro", "10.0.19045.3803", "Professional", "10", "pro"),
        ("Windows 10 Pro", "10.0.22631.2861", "Professional", "11", "pro"),
        ("Windows 10 Enterprise LTSC 2021", "10.0.19044.1", "EnterpriseS", "10", "enterprise-ltsc"),
        ("Windows 10 家庭中文版", "10.0.19045.1", "CoreCountrySpecific", "10", "home"),
    ],
)
def test_operating_systems(name: str, version: str, edition_id: str, line: str, edition: str) -> None:
    found = RECOGNISER.recognise(Title("windows", OPERATING_SYSTEM, name, version=version, identifier=edition_id))
    assert (found.product, found.line, found.edition, found.kind) == (
        "microsoft/windows",
        line,
        edition,
        Kind.OPERATING_SYSTEM,
    )


def test_an_unknown_operating_system_is_still_one() -> None:
    found = RECOGNISER.recognise(Title("linux", OPERATING_SYSTEM, "某某操作系统 V5", version="5.0"))
    assert (found.product, found.kind, found.licence_class) == (None, Kind.OPERATING_SYSTEM, LicenceClass.UNKNOWN)


def macos(name: str, folder: str) -> Title:
    return Title("macos", "applications", name, section=folder)


@pytest.mark.parametrize(
    ("title", "kind", "rule"),
    [
        (
            windows("Security Update for Microsoft Office 2016 (KB5002138)"),
            Kind.UPDATE,
            "generic#update",
        ),
        (windows("Windows 10 更新程序 (KB5001716)"), Kind.UPDATE, "generic#update"),
        (windows("某财务软件补丁", update=True), Kind.UPDATE, "generic#update"),
        (windows("中文(简体)本地体验包"), Kind.LANGUAGE_PACK, "generic#language-pack"),
        (windows("Notepad Language Pack"), Kind.LANGUAGE_PACK, "generic#language-pack"),
        (windows("Realtek High Definition Audio Driver"), Kind.DRIVER, "generic#driver"),
        (windows("英特尔(R) 芯片组设备软件"), Kind.DRIVER, "generic#driver"),
        (windows("Vendor Core", system_component=True), Kind.COMPONENT, "generic#hidden-part"),
        (windows("Vulkan Run Time Libraries 1.0.54.1", "LunarG, Inc."), Kind.RUNTIME, "generic#runtime"),
        (windows("Microsoft.VCLibs.140.00", "CN=Microsoft Corporation, C=US"), Kind.RUNTIME, "generic#store-runtime"),
        (windows("Microsoft.LockApp", "CN=Microsoft Windows, C=US"), Kind.SYSTEM_PART, "generic#signed-by-windows"),
        (windows("Microsoft Access-Treiber (*.mdb)"), Kind.DRIVER, "generic#driver"),
        (windows("Языковой пакет для Tool"), Kind.LANGUAGE_PACK, "generic#language-pack"),
        (windows("某某软件右键扩展"), Kind.PLUG_IN, "generic#plug-in"),
        (windows("方正仿宋字体"), Kind.FONT, "generic#font"),
        (windows("Hotkey Utility", "Lenovo"), Kind.APPLICATION, "generic#hardware-vendor"),
        (windows("Parallel Studio XE 2020", "Intel Corporation"), Kind.APPLICATION, None),
        (Title("macos", "applications", "Lecteur DVD", "Apple"), Kind.SYSTEM_PART, "generic#macos-part"),
        (macos("Carnet d’adresses", "/Applications"), Kind.SYSTEM_PART, "generic#macos-own-name"),
        (macos("预览", "/Applications"), Kind.SYSTEM_PART, "generic#macos-own-name"),
        (macos("Vorschau", "/Users/a/Downloads"), Kind.APPLICATION, None),
        (
            macos("House Sync Agent", "/Library/Application Support/House"),
            Kind.COMPONENT,
            "generic#macos-support-folder",
        ),
        (macos("House", "/Library/Input Methods"), Kind.APPLICATION, None),
        (
            macos("Some Web Tool", "/Users/a/Applications/Chrome Apps.localized"),
            Kind.PLUG_IN,
            "generic#macos-web-shortcut",
        ),
        (macos("House Crash Reporter", "/Applications"), Kind.COMPONENT, "generic#macos-helper"),
        (
            Title("macos", "applications", "Alerts Daemon", "Microsoft", section="Applications/Microsoft Office 2008"),
            Kind.COMPONENT,
            "generic#macos-office-folder",
        ),
        (
            Title("other", "uninstall_keys", "Type6Camera", "3.0.3, © Copyright 2002-2005 Apple Computer Inc."),
            Kind.SYSTEM_PART,
            "generic#macos-part",
        ),
        (Title("other", "uninstall_keys", "com.android.wallpapercropper"), Kind.SYSTEM_PART, "generic#android-part"),
        (Title("other", "uninstall_keys", "com.somehouse.tool"), Kind.APPLICATION, None),
        (Title("other", "aix_filesets", "perfagent.tools"), Kind.SYSTEM_PART, "generic#aix-part"),
        (windows("Microsoft.Something.CBS.1.6"), Kind.SYSTEM_PART, "generic#windows-part"),
        (Title("other", "hpux_software", "FDDI-00", "HP"), Kind.SYSTEM_PART, "generic#hpux-part"),
        (Title("other", "hpux_software", "B3929EA", "HP"), Kind.APPLICATION, None),
        (Title("other", "aix_filesets", "bos.net.tcp.client"), Kind.SYSTEM_PART, "generic#aix-part"),
        (windows("Driver Booster 9"), Kind.APPLICATION, None),
        (windows("驱动精灵"), Kind.APPLICATION, None),
        (
            windows("WinRAR 6.24 (64-bit)", "RARLAB", system_component=True),
            Kind.APPLICATION,
            "rarlab/winrar#uninstall-entry",
        ),
    ],
)
def test_generic_kinds_claim_no_product(title: Title, kind: Kind, rule: str | None) -> None:
    found = RECOGNISER.recognise(title)
    assert (found.kind, found.rule) == (kind, rule)
    if rule is None or rule.startswith("generic#"):
        assert found.product is None and found.confidence <= 0.5


@pytest.mark.parametrize(
    ("title", "rule", "kind", "licence_class"),
    [
        (
            package("bash", "Matthias Klose <doko@debian.org>", "5.2.15-2+b8", section="shells"),
            "origin",
            Kind.SYSTEM_PART,
            LicenceClass.OPEN_SOURCE,
        ),
        (
            package("libc6", "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", section="libs"),
            "origin",
            Kind.COMPONENT,
            LicenceClass.OPEN_SOURCE,
        ),
        (
            package("libarchive13", "Peter Pentchev <roam@ringlet.net>", "3.6.2-1", section="libs"),
            "origin",
            Kind.COMPONENT,
            LicenceClass.OPEN_SOURCE,
        ),
        (
            package("usr-is-merged", "Marco d'Itri <md@linux.it>", "37~deb12u1", section="oldlibs"),
            "origin",
            Kind.COMPONENT,
            LicenceClass.OPEN_SOURCE,
        ),
        (
            package("wzpd", "Zhang San <zhang@unit.example>", "1.0", section="utils"),
            None,
            Kind.APPLICATION,
            LicenceClass.UNKNOWN,
        ),
        (
            package("nvidia-driver", "Debian NVIDIA Maintainers <x@lists.alioth.debian.org>", section="non-free/x11"),
            "origin",
            Kind.SYSTEM_PART,
            LicenceClass.UNKNOWN,
        ),
        (
            package("kylin-screenshot", "Kylin Team <team@kylinos.cn>", section="utils"),
            "origin",
            Kind.SYSTEM_PART,
            LicenceClass.BUNDLED,
        ),
        (
            package("com.qq.weixin.deepin", "Deepin Packages Builder <packages@deepin.com>", section="net"),
            None,
            Kind.APPLICATION,
            LicenceClass.UNKNOWN,
        ),
        (
            package(
                "google-chrome-stable", "Chrome Linux Team <chromium-dev@chromium.org>", "120.0.1-1", section="web"
            ),
            None,
            Kind.APPLICATION,
            LicenceClass.UNKNOWN,
        ),
        (package("adduser", None, section="admin"), "origin", Kind.SYSTEM_PART, LicenceClass.OPEN_SOURCE),
        (package("some-editor", None, section="editors"), None, Kind.APPLICATION, LicenceClass.UNKNOWN),
        (package("sogoupinyin", "sogou <x@sogou-inc.com>"), None, Kind.APPLICATION, LicenceClass.UNKNOWN),
        (
            Title("linux", "rpm", "glibc", "openEuler", "2.34-70", licence="LGPLv2+"),
            "origin",
            Kind.SYSTEM_PART,
            LicenceClass.OPEN_SOURCE,
        ),
        (
            Title("linux", "rpm", "oracle-instantclient", "Oracle Corporation", "21.1", licence="Commercial"),
            None,
            Kind.APPLICATION,
            LicenceClass.UNKNOWN,
        ),
        (Title("linux", "apk", "musl", None, "1.2.4-r2"), "origin", Kind.SYSTEM_PART, LicenceClass.OPEN_SOURCE),
        (Title("linux", "pacman", "yay", "Unknown Packager", "12-1"), None, Kind.APPLICATION, LicenceClass.UNKNOWN),
        (
            Title("linux", "opt_apps", "天气", None, "1.0", identifier="com.weather.app"),
            None,
            Kind.APPLICATION,
            LicenceClass.UNKNOWN,
        ),
    ],
)
def test_packages_are_parts_of_their_distribution_or_stand_singly(
    title: Title, rule: str | None, kind: Kind, licence_class: LicenceClass
) -> None:
    found = RECOGNISER.recognise(title)
    assert (found.rule, found.kind, found.licence_class) == (rule, kind, licence_class)
    assert found.product is None


def test_unknown_copies_versions_and_architectures_are_one_group() -> None:
    names = ["某工具 1.2.3 (x64)", "某工具 1.3 (32-bit)", "某工具 v2.0.1", "某工具"]
    groups = {RECOGNISER.recognise(windows(name, "某某科技有限公司")).group for name in names}

    assert groups == {"unknown:某某科技:某工具"}
    assert RECOGNISER.recognise(windows("某工具", "另一家公司")).group not in groups


def rival(product_id: str, pattern: str, **more: object) -> Product:
    licensing = Licensing(LicenceClass.FREE, unverified=True)
    rule = replace(Rule("r", name=pattern), **more)  # type: ignore[arg-type]
    publisher = product_id.partition("/")[0]
    return Product(product_id, "x", "x", publisher, Kind.APPLICATION, Category.OTHER, licensing, (rule,))


def with_products(*products: Product) -> Catalogue:
    return replace(CATALOGUE, products={product.id: product for product in products})


@pytest.mark.parametrize(
    ("one", "other", "winner"),
    [
        (rival("b/b", "Foo .*"), rival("a/a", "Foo B.*"), "a/a"),
        (rival("b/b", "Foo B.*"), rival("a/a", "Foo .*"), "b/b"),
        (rival("b/b", "Foo .*"), rival("a/a", "Foo .*"), "a/a"),
        (rival("b/b", ".*", publisher="rarlab"), rival("a/a", "Foo Bar"), "b/b"),
        (rival("b/b", ".*", publisher="rarlab"), rival("a/a", ".*", identifier="foo"), "a/a"),
        (rival("b/b", "Foo .*", versions=">=2"), rival("a/a", "Foo .*"), "b/b"),
    ],
)
def test_overlapping_rules_are_decided_alike_in_any_order(one: Product, other: Product, winner: str) -> None:
    title = windows("Foo Bar", "RARLAB", "2.1", identifier="foo")
    assert recognise(title, with_products(one, other)).product == winner
    assert recognise(title, with_products(other, one)).product == winner


def test_overlaps_are_named() -> None:
    catalogue = with_products(rival("b/b", "Foo B.*"), rival("a/a", "Foo .*"), rival("c/c", "Bar"))
    found = overlaps(catalogue, [windows("Foo Bar"), windows("Foo X"), windows("Bar")])

    assert [(o.title.name, o.decided, o.others) for o in found] == [("Foo Bar", "b/b#r", ("a/a#r",))]


@given(
    st.builds(
        Title,
        st.sampled_from(["windows", "linux", "macos", "other", "amiga"]),
        st.sampled_from(["uninstall_keys", "dpkg", "rpm", OPERATING_SYSTEM, "snap", "strange"]),
        st.text(min_size=1, max_size=40),
        st.none() | st.text(max_size=20),
        st.none() | st.text(max_size=20),
        st.none() | st.text(max_size=20),
    )
)
def test_whatever_a_machine_says_has_an_answer(title: Title) -> None:
    found = RECOGNISER.recognise(title)
    assert found.group and found.name and 0 <= found.confidence <= 1
    assert RECOGNISER.recognise(title) is found
