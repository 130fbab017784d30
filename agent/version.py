"""The version of the agent; a test holds it equal to the distribution's."""

from __future__ import annotations

AGENT_NAME = "zhengban-agent"
AGENT_VERSION = "0.1.0"
