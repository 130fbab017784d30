"""Examples by chance: another set at each run for whoever works here, always the same set where CI is true."""

from __future__ import annotations

import os

try:
    from hypothesis import settings
except ImportError:  # the agent's tests on Python 3.7 draw no examples and go without
    pass
else:
    settings.register_profile("ci", derandomize=True, deadline=None)
    if os.environ.get("CI"):
        settings.load_profile("ci")
