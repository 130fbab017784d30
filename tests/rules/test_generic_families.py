"""Families that general rules tell: what they take, and the programs that only look like it."""

from __future__ import annotations

import pytest

from rules.compiled import shipped_catalogue
from rules.product import Kind, LicenceClass
from rules.recognition import Recogniser
from rules.title import Title

RECOGNISER = Recogniser(shipped_catalogue(None))


def windows(name: str, publisher: str | None = None) -> Title:
    return Title("windows", "uninstall_keys", name, publisher)


@pytest.mark.parametrize(
    ("title", "kind", "licence_class", "rule"),
    [
        (windows("Elden Ring", "FromSoftware Inc."), Kind.GAME, LicenceClass.COMMERCIAL, "generic#game-house"),
        (windows("Warframe", "Digital Extremes"), Kind.GAME, LicenceClass.FREE, "generic#free-game-house"),
        (windows("Simple Spider Solitaire"), Kind.GAME, LicenceClass.FREE, "generic#shop-game"),
        (windows("Focusrite USB Dri…"), Kind.DRIVER, LicenceClass.BUNDLED, "generic#cut-driver"),
        (windows("PowerToys ImageResizer Context Menu"), Kind.SYSTEM_PART, LicenceClass.BUNDLED, "generic#shop-part"),
        (windows("tools-winPre2k"), Kind.COMPONENT, LicenceClass.BUNDLED, "generic#vmware-tools-image"),
        (windows("Acer Quick Panel"), Kind.APPLICATION, LicenceClass.BUNDLED, "generic#device-tool"),
        (
            Title("other", "android", "Tethering", section="system image"),
            Kind.SYSTEM_PART,
            LicenceClass.BUNDLED,
            "generic#android-system-image",
        ),
        (
            Title("linux", "rpm", "x264-libs", "Some House", "0.164", "x264-libs"),
            Kind.COMPONENT,
            LicenceClass.UNKNOWN,
            "generic#package-part",
        ),
        (
            Title("other", "uninstall_keys", "SpeechSynthesisServer_0"),
            Kind.SYSTEM_PART,
            LicenceClass.BUNDLED,
            "generic#macos-named-part",
        ),
        (
            Title("macos", "applications", "Print Panel", "Kyocera Document Solutions Inc."),
            Kind.APPLICATION,
            LicenceClass.BUNDLED,
            "generic#hardware-vendor",
        ),
    ],
)
def test_a_family_is_told(title: Title, kind: Kind, licence_class: LicenceClass, rule: str) -> None:
    found = RECOGNISER.recognise(title)
    assert (found.kind, found.licence_class, found.rule, found.product) == (kind, licence_class, rule, None)


@pytest.mark.parametrize(
    "title",
    [
        windows("Ubisoft Game Launcher", "Ubisoft"),  # what starts games is none
        windows("某单位游戏管理终端", "某单位"),
        windows("Solitaire Tournament Organiser"),
        Title("other", "android", "Tethering"),  # installed by somebody
        Title("linux", "rpm", "housetool", "Some House", "1.0", "housetool"),
    ],
)
def test_what_only_looks_like_it_is_not_taken(title: Title) -> None:
    assert not (RECOGNISER.recognise(title).rule or "").startswith("generic#")
    assert RECOGNISER.recognise(title).kind is not Kind.GAME


def test_development_suites_of_device_makers_are_no_device_tools() -> None:
    assert RECOGNISER.recognise(windows("Intel VTune Profiler 2024")).rule != "generic#device-tool"
