"""What a licence file or a log of a domestic database says → a record; loaded where such a file is."""

from __future__ import annotations

from agent.collectors.anywhere.licence_records import record_of
from agent.formats.database_licence import DmLog, parse_dm_log, parse_kingbase_licence
from agent.formats.licence_told import FeatureTold
from agent.inventory.licence_servers import LicenceFeature


def kingbase_record(text: str, scope: str, seen_at: str) -> LicenceFeature | None:
    """Return what license.dat of KingbaseES says, `None` for a text that says no licence."""
    told = parse_kingbase_licence(text)
    return None if told is None else record_of(told, "kingbase", scope, seen_at)


def dameng_record(text: str, scope: str, seen_at: str) -> LicenceFeature | None:
    """Return what a log of DM says of its licence, `None` for a text that says nothing of it."""
    told = parse_dm_log(text)
    return None if told is None else record_of(_of_dm(told), "dameng", scope, seen_at)


def _of_dm(told: DmLog) -> FeatureTold:
    feature = FeatureTold("DM", product="达梦数据库", version=told.version, edition=told.edition)
    feature.kind = "trial" if told.is_default else None
    feature.expires_on = told.expires_on
    feature.expires_raw = "file dm.key not found, use default license" if told.is_default else None
    feature.server_status = "licence expired" if told.expired else None
    return feature
