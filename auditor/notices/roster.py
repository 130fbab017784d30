"""CHANNELS: every way out; one goes only where a setting names its target."""

from __future__ import annotations

from auditor.notices.dingtalk import DINGTALK
from auditor.notices.email import EMAIL
from auditor.notices.feishu import FEISHU
from auditor.notices.folder import FOLDER
from auditor.notices.http import WEBHOOK
from auditor.notices.message import Channel
from auditor.notices.wecom import WECOM
from auditor.settings import Settings

CHANNELS: dict[str, Channel] = {c.name: c for c in (FOLDER, EMAIL, WEBHOOK, DINGTALK, WECOM, FEISHU)}


def named_channels(settings: Settings) -> list[str]:
    """Return the channels whose target a setting names."""
    return [name for name, channel in CHANNELS.items() if channel.is_named(settings)]
