"""Signs of irregular activation, by the shipped indicators over the sample products."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from rules.catalogue import Catalogue
from rules.fields import FileFaults
from rules.indicator import Indicator, Strength
from rules.indicator_file import read_indicators
from rules.loading import load_catalogue
from rules.suspicion import Sign, suspicions
from rules.title import Title
from rules.yaml_file import parse_yaml

FAMILIES = sorted(entry.name for entry in (files("rules") / "data" / "indicators").iterdir())


def catalogue() -> Catalogue:
    indicators: dict[str, Indicator] = {}
    for family in FAMILIES:
        faults = FileFaults(family)
        value = parse_yaml((files("rules") / "data" / "indicators" / family).read_bytes())
        indicators |= {indicator.id: indicator for _, indicator in read_indicators(value, faults)}
        assert faults.found == []
    return replace(load_catalogue([Path(__file__).parent / "catalogue"]), indicators=indicators)


CATALOGUE = catalogue()


def title(name: str) -> Title:
    return Title("windows", "uninstall_keys", name)


def test_a_title_alone_is_a_leftover_and_a_running_program_is_not() -> None:
    affected = ("microsoft/office", "microsoft/windows")
    resting = suspicions([title("7-Zip"), title("KMSpico v9.1.3")], ["explorer.exe"], CATALOGUE)
    assert resting == (Sign("kmspico", Strength.STRONG, "KMSpico v9.1.3", "titles[1]", affected),)

    running = suspicions([title("KMSpico v9.1.3")], ["explorer.exe", "AutoPico.exe"], CATALOGUE)
    assert running == (
        Sign("kmspico", Strength.CONCLUSIVE, "AutoPico.exe", "programs[1]", affected),
        Sign("kmspico", Strength.CONCLUSIVE, "KMSpico v9.1.3", "titles[0]", affected),
    )


@pytest.mark.parametrize(
    "name",
    ["KMSpico", "HEU_KMS_Activator", "EDragonKMS", "OInstall", "D版广联达加密锁授权工具", "KMSAuto Net"],
)
def test_names_of_tools_are_signs(name: str) -> None:
    assert suspicions([title(name)], [], CATALOGUE)


@pytest.mark.parametrize(
    "name",
    [
        "Microsoft Office 专业增强版 2016",
        "Microsoft Deployment Toolkit (6.3.8456.1000)",
        "WinRAR 6.24 (64-bit)",
        "Adobe Genuine Service",
        "广联达加密锁驱动程序",
        "Key Manager",
        "React Native Debugger",
        "激活向导",
    ],
)
def test_lawful_software_shows_no_sign(name: str) -> None:
    assert suspicions([title(name)], ["ssh-keygen.exe", "sppsvc.exe", "hasplms.exe"], CATALOGUE) == ()


def test_every_indicator_speaks_both_languages_and_names_innocent_readings() -> None:
    for indicator in CATALOGUE.indicators.values():
        assert indicator.title.zh and indicator.title.en and indicator.innocent_when and indicator.source
        assert not any(word in indicator.title.zh for word in ("盗版", "侵权", "违法"))


def test_a_whole_publisher_means_its_products_that_need_a_right() -> None:
    assert CATALOGUE.affected(("tencent/*", "kingsoft/*")) == ("kingsoft/wps-office",)
