"""Settings: a flag beats the environment, which beats the file, which beats the default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.errors import WrongUsage
from auditor.settings import SETTINGS, load_settings


def test_each_layer_beats_the_one_below(tmp_path: Path) -> None:
    file = tmp_path / "zhengban.toml"
    file.write_text('listen_port = 1\nstale_after_days = 2\nintake_max_records = 3\nfilled_by = "王五"\n', "utf-8")
    environment = {
        "ZHENGBAN_LISTEN_PORT": "11",
        "ZHENGBAN_STALE_AFTER_DAYS": "12",
        "PATH": "/bin",
        "ZHENGBAN_CORPUS": "x",
    }
    settings = load_settings(flags={"listen_port": 21}, environment=environment, file=file)
    names = ("listen_port", "stale_after_days", "intake_max_records", "intake_max_depth")
    assert [settings.whole(name) for name in names] == [21, 12, 3, 32]
    assert [settings.origins[name] for name in names] == ["flag", "environment", "file", "default"]
    assert settings.text("filled_by") == "王五"


def test_the_defaults_are_what_the_table_says() -> None:
    settings = load_settings()
    assert {row.name: row.default for row in SETTINGS} == settings.values
    assert str(settings.zone) == "Asia/Shanghai"
    assert len({row.name for row in SETTINGS}) == len(SETTINGS)
    assert all(row.en.isascii() and not row.en.endswith(".") for row in SETTINGS if row.name != "annex_labels")
    assert all(re.search("[一-龥]", row.zh) and not row.zh.endswith("。") for row in SETTINGS)
    assert all(row.help == f"{row.zh} / {row.en}" for row in SETTINGS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("listen_prot = 1", "zhengban.toml: listen_prot: 没有这项设置 / expected the name of a setting"),
        ('listen_port = "80"', "zhengban.toml: listen_port: 应为整数，实为 '80' / expected a whole number, got '80'"),
        (
            "listen_port = 70000",
            "应不小于 0 且不大于 65535，实为 70000 / expected at least 0 and at most 65535, got 70000",
        ),
        ("listen_port = true", "listen_port: 应为整数，实为 True / expected a whole number, got True"),
        ("held_loss_share = 1.5", "应不小于 0 且不大于 1，实为 1.5 / expected at least 0 and at most 1, got 1.5"),
        ('time_zone = "Beijing"', "实为 'Beijing' / expected a zone of the IANA data base, got 'Beijing'"),
        (
            'time_zone = "../../etc/passwd"',
            "time_zone: 应为 IANA 时区名，如 Asia/Shanghai，实为 '../../etc/passwd' / expected a zone",
        ),
        ("= 1", "zhengban.toml: 应为 TOML 格式 / expected TOML: "),
    ],
)
def test_a_bad_file_says_where_and_what(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "zhengban.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(WrongUsage) as wrong:
        load_settings(file=file)
    assert why in str(wrong.value)
    assert str(wrong.value).startswith(str(file))


def test_all_faults_of_all_layers_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as wrong:
        load_settings(flags={"nonsense": 1}, environment={"ZHENGBAN_LISTEN_PORT": "many", "ZHENGBAN_X": ""})
    assert str(wrong.value).splitlines() == [
        "environment listen_port: 应为整数，实为 'many' / expected a whole number, got 'many'",
        "environment x: 没有这项设置 / expected the name of a setting",
        "flag nonsense: 没有这项设置 / expected the name of a setting",
    ]
    with pytest.raises(WrongUsage, match=r"none\.toml: 应为设置文件 / expected a file of settings: "):
        load_settings(file=tmp_path / "none.toml")


def test_a_whole_number_will_do_for_a_share() -> None:
    assert load_settings(flags={"held_loss_share": 1}).number("held_loss_share") == 1.0
    assert load_settings(environment={"ZHENGBAN_HELD_LOSS_SHARE": "0.25"}).number("held_loss_share") == 0.25
