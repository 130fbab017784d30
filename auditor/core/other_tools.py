"""Other tools: the sources whose scopes come from inventories that our own agent did not make.

Who tells what is ranked: what an enrolled agent signed outranks what came by file or with a password, which outranks
what came over an open end. Whoever is outranked adds to a machine and changes nothing that was there.
"""

from __future__ import annotations

OTHER_TOOLS = frozenset({"glpi", "ocs", "osquery", "table", "swid_files", "open_audit", "wazuh"})
"""Sources of scopes of software; a machine that went over to another agent is not told of by the old one any more."""
PARTS = "document_parts"
"""Source of the scope that says whether a document was whole; its records are none."""
DEVICE = "device:"
"""Before the id that another tool's agent gave itself: it identifies a machine, and nobody vouches for it."""
BY_AGENT, BY_CREDENTIALS, BY_FILE, BY_OPEN_END = "agent", "credentials", "file", "open"
_RANKS = {BY_OPEN_END: 0, BY_FILE: 1, BY_CREDENTIALS: 1, BY_AGENT: 2}


def outranks(one: str, other: str) -> bool:
    """Tell whether what came the one way is believed before what came the other way."""
    return _RANKS.get(one, 0) > _RANKS.get(other, 0)
