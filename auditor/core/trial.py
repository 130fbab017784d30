"""Trials: the day of installation is day 1; a trial is an observation until its last day, a finding after it."""

from __future__ import annotations

from datetime import date, timedelta

from auditor.core.model import Copy, Machine
from rules.product import LicenceClass, Product


def last_day_of_trial(copy: Copy, machine: Machine, product: Product) -> date | None:
    """Return the last day of a copy's trial, counted from the first seen where no day of installation is told.

    `None` for a copy that is no trial, or whose term the catalogue does not know.
    """
    days = product.licensing.trial_days
    if copy.licence_class is not LicenceClass.TRIAL or days is None:
        return None
    if not copy.titles:
        first = copy.installed_on or copy.first_seen_on
        return first + timedelta(days=days - 1) if first is not None else None
    titles = set(copy.titles)
    began = [item.installed_on or item.first_seen_on for item in machine.installations if item.title in titles]
    return min(began) + timedelta(days=days - 1) if began else None
