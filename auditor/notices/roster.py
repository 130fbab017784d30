"""CHANNELS: every way out; one goes only where a setting names its target."""

from __future__ import annotations

from auditor.notices.dingtalk import DINGTALK
from auditor.notices.email import EMAIL
from auditor.notices.feishu import FEISHU
from auditor.notices.folder import FOLDER
from auditor.notices.http import WEBHOOK
from auditor.notices.message import Channel
from auditor.notices.tier_above import TIER_ABOVE
from auditor.notices.wecom import WECOM
from auditor.settings import Settings

MESSAGES = (FOLDER, EMAIL, WEBHOOK, DINGTALK, WECOM, FEISHU)
"""Where messages to people go."""
CHANNELS: dict[str, Channel] = {c.name: c for c in (*MESSAGES, TIER_ABOVE)}


def named_channels(settings: Settings) -> list[str]:
    """Return the channels of messages whose target a setting names."""
    return [channel.name for channel in MESSAGES if channel.is_named(settings)]
