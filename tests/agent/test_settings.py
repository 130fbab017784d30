"""Settings: which source beats which, and every mistake at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.deploy.package_texts import settings_file
from agent.settings import SETTINGS, SettingsError, load_settings


def file_of(folder: Path, text: str) -> str:
    path = folder / "agent.ini"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(tmp_path: Path) -> None:
    file = file_of(tmp_path, "[agent]\nserver = https://file\nproxy = http://file\ntimeout_seconds = 5\n")
    environment = {"ZHENGBAN_AGENT_SERVER": "https://environment", "ZHENGBAN_AGENT_PROXY": "http://environment"}
    values = load_settings(file, {"server": "https://flag"}, environment)
    assert (values["server"], values["proxy"], values["timeout_seconds"], values["send_attempts"]) == (
        "https://flag", "http://environment", 5.0, 4)  # fmt: skip


def test_without_anything_there_are_the_defaults() -> None:
    assert load_settings(None, {}, {}) == {setting.name: setting.default for setting in SETTINGS}


def test_a_value_has_the_type_of_its_default(tmp_path: Path) -> None:
    file = file_of(tmp_path, "\ufeff[agent]\nallow_plain_http = Yes\nmax_records = 7\nca_file = 100%.pem\n")
    values = load_settings(file, {}, {})
    assert (values["allow_plain_http"], values["max_records"], values["ca_file"]) == (True, 7, "100%.pem")


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    file = file_of(tmp_path, "[agent]\nsever = x\nallow_plain_http = perhaps\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(file, {"max_records": "many", "send_attempts": "0"}, {"ZHENGBAN_AGENT_SCAN_SECONDS": "nan"})
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert "sever: no such setting; expected one of server," in lines[0]
    assert lines[1].endswith("allow_plain_http: expected yes or no, got 'perhaps'")
    assert lines[2].startswith("environment: scan_seconds: expected 1 or more")
    assert lines[3] == "--set: max_records: expected a whole number, got 'many'"
    assert lines[4] == "--set: send_attempts: expected 1 or more, got 0"


@pytest.mark.parametrize("text", ["server = x\n", "[agent\n", "[agent]\n[agent]\n", "[other]\nserver=x\n", "\x00\xff"])
def test_a_file_that_is_no_settings_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "agent.ini").write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"agent\.ini: "):
        load_settings(str(tmp_path / "agent.ini"), {}, {})


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no\.ini"):
        load_settings(str(tmp_path / "no.ini"), {}, {})


def test_every_setting_is_explained_in_both_languages() -> None:
    for setting in SETTINGS:
        assert setting.help
        assert any("\u4e00" <= letter <= "\u9fff" for letter in setting.help_zh), setting.name
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


def test_the_handbook_and_the_packaged_file_have_every_setting(tmp_path: Path) -> None:
    handbook = Path(__file__).resolve().parents[2] / "docs" / "admin.md"
    section = (
        handbook.read_text(encoding="utf-8").split("## 采集端的设置 · The agent's settings\n")[1].split("\n## ")[0]
    )
    shown = re.findall(r"^\| `([a-z_]+)` \| (.*?) \| (.*) / (.*) \|$", section, re.MULTILINE)
    expected = []
    for row in SETTINGS:
        default = {True: "yes", False: "no"}[row.default] if isinstance(row.default, bool) else str(row.default)
        expected.append((row.name, "`%s`" % default if default else "", row.help_zh, row.help))
    assert shown == expected

    switched_on = re.sub(r"^# ([a-z_]+ = )", r"\1", settings_file(), flags=re.MULTILINE)
    assert load_settings(file_of(tmp_path, settings_file()), {}, {}) == load_settings(None, {}, {})
    assert load_settings(file_of(tmp_path, switched_on), {}, {}) == load_settings(None, {}, {})
