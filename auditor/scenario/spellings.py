"""Other words for the members of a scenario file, where there is no doubt what is meant.

The schema and the manual name one word for each; whoever writes a file by heart may use another.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.metrics.roster import METRICS


def _other(**words: str) -> dict[str, str]:
    """Return other word → member of words that are told member by member."""
    return {other: member for member, others in words.items() for other in others.split()}


_TERM = _other(starts_on="start starts start_date start_on valid_from from",
               ends_on="end ends end_date end_on valid_until valid_to until to expires expires_on")  # fmt: skip
_MACHINE = _other(code="id name machine computer", count="quantity",
                  unit="department owner_unit", person="user owner", serial="serial_number sn",
                  place="location site building", installed="installations software products install",
                  last_scan_on="last_scan last_seen last_seen_on", vcpus="vcpu virtual_processors",
                  core_factor="factor", pvu="pvu_per_core points", board_serial="board",
                  signs="evidence", **{"class": "machine_class form_factor chassis type kind"})  # fmt: skip
SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "file": _other(as_of="date as_of_date asof day on", title="description", products="software",
                   people="persons users staff", machines="devices computers pcs hosts",
                   entitlements="rights licences licenses ledger", access="pairs access_pairs",
                   measured="measurements quantities", exemptions="exceptions", sessions="check_outs checkouts",
                   expect="expected", variants="cases", prices="price_list", as_of_moment="moment now"),
    "line": _other(id="name line version", released_on="released release_date ga ga_date general_availability"),
    "edition": _other(id="name edition code"),
    "product": _other(id="code product", lines="versions", trial_days="trial", metric="counting_metric",
                      **{"class": "licence_class license_class"}),
    "unit": _other(code="id unit", parent="above", until="to ends_on", headcount="heads head_count employees",
                   **{"from": "starts_on since"}),
    "person": _other(id="code name person user", until="ends_on left_on left to last_day",
                     **{"from": "starts_on since"}),
    "installed": _other(product="id name software", line="release", installed_on="date install_date",
                        first_seen_on="first_seen", **{"class": "licence_class license_class"}),
    "sign": _other(affects="product", indicator="type kind"),
    "machine": _MACHINE,
    "report": {other: member for other, member in _MACHINE.items() if member not in ("code", "count")}
    | _other(source="tool", host_name="hostname name", macs="mac"),
    "period": _TERM,
    "base": _other(line="version"),
    "downgrade": _other(lines="versions to allowed", steps="distance max_steps"),
    "allowed": _other(line="version"),
    "part": _other(product="id name"),
    "suite": _other(parts="components products members", minimum_percent="percent min_percent threshold_percent",
                    minimum_parts="min_parts minimum_components min_components"),
    "counting": _other(
        minimum_per_processor="min_per_processor min_per_cpu minimum_per_cpu min_cores_per_processor",
        minimum_per_server="min_per_server min_cores_per_server", minimum_per_vm="min_per_vm min_cores_per_vm",
        installs_per_right="devices_per_right installs_per_user devices_per_user devices_per_person",
        minimum_users="min_users", minimum_users_per="min_users_per", sub_capacity="subcapacity"),
    "reservation": _other(unit="department", quantity="rights count"),
    "entitlement": _TERM
    | _other(code="id software_code", quantity="qty count packs number rights", unit="owner owned_by owning_unit",
             source_type="source", rights_per_pack="pack_size per_pack", reservations="reserved reserve",
             serials="serial serial_numbers", people="users named_users persons named_people user person",
             machines="devices named_devices device", places="place sites site locations location",
             shared_with="shared_units", downgrade="downgrades", maintenance="sa software_assurance",
             upgrade_from="upgrades_from", true_up="trueup", suite="bundle", certified_on="certification_date",
             second_use="home_use", allowed="allowed_versions", paper="certificate"),
    "transfer": _other(code="entitlement right licence license", to="to_unit", quantity="rights qty",
                       effective_on="effective date on effective_date", **{"from": "from_unit"}),
    "disposal": _other(code="entitlement right licence license", quantity="rights qty",
                       effective_on="effective date on effective_date"),
    "exemption": _TERM | _other(machine="device computer", approver="approved_by"),
    "session": _other(start="from starts starts_on check_out checkout", end="to ends until ends_on check_in checkin",
                      quantity="seats count qty", person="user"),
    "pair": _other(user="person", device="machine", line="version server_version"),
    "measured": _other(quantity="value users heads count amount"),
    "free": _other(code="id"),
    "price": _TERM | _other(price="amount unit_price"),
    "previous": _other(code="software_code"),
}  # fmt: skip
"""Record → other word → member."""
METRIC_WORDS: Mapping[str, str] = {
    **{metric.zh: metric.id for metric in METRICS},
    **{metric.en: metric.id for metric in METRICS},
    **_other(per_device="device per_installation_device", per_user="user per_person",
             concurrent="floating token network",
             installs_per_right="per_installation per_install installation installs", core="cores per_core",
             processor="per_processor processors", core_factor="oracle_processor", named_user_plus="nup",
             tiered="rvu", oem="preinstalled", server="per_server", server_instance="per_instance instance",
             windows_server="windows_standard", socket_pair="rhel", employee="employees uvu head_count headcount"),
}  # fmt: skip
"""Other word → metric."""
