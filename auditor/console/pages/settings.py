"""Every setting in force and where it comes from."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.settings import SETTINGS, Settings

SECRETS = ("key", "password", "secret", "token")
"""Settings whose name holds one of these are shown as set or not, never their value."""
_NOT_SECRET = ("approved_key_tails", "key_file", "catalogue_key")


def page(frame: Frame, settings: Settings) -> str:
    """Return the settings."""
    rows = []
    for row in SETTINGS:
        value = settings.values[row.name]
        hidden = any(word in row.name for word in SECRETS) and row.name not in _NOT_SECRET
        shown = (frame.t("已设置", "set") if value else frame.t("未设置", "not set")) if hidden else _told(frame, value)
        if row.name == "database":
            shown = shown.partition("@")[2] or shown
        rows.append((row.name, shown, settings.origins[row.name], frame.t(row.zh, row.en)))
    origins = {
        "default": frame.t("默认", "default"),
        "file": frame.t("设置文件", "file"),
        "environment": frame.t("环境变量", "environment"),
        "flag": frame.t("命令行", "command line"),
    }
    return render("settings.html.j2", frame, rows=rows, origins=origins)


def _told(frame: Frame, value: object) -> str:
    if isinstance(value, bool):
        return frame.t("是", "yes") if value else frame.t("否", "no")
    return str(value) if value != "" else "—"
