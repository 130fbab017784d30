"""Signs of facts: activation states, services, files, hosts lines, licences; and what the organisation approved."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from inventories import inventory
from made_once import shipped

from agent.inventory.document import Inventory
from agent.inventory.host import OperatingSystem
from agent.inventory.licence_servers import LicenceFeature
from agent.inventory.software import Software
from agent.inventory.traces import Activation, Trace
from agent.inventory.watchlist import decode_watchlist, encode_watchlist, place_fault
from rules.condition import Condition, compiled_test, condition_fault, place_pattern
from rules.fact import FIELDS, Fact, FactKind, facts_of, facts_worth_keeping
from rules.indicator import Strength
from rules.key_tails import GENERIC_TAILS, GVLK_TAILS
from rules.matching import Pattern
from rules.suspicion import ACTIVATION, Organisation, Sign, SignReader
from rules.watchlist import shipped_watchlist, watchlist_of

CATALOGUE = shipped()
WINDOWS_10 = OperatingSystem("windows", "Windows 10 Pro", edition="Professional")
APPROVED = Organisation(frozenset({"kms.example.com", "10.1.2.3"}), frozenset({"abcde"}))


def told(*records: Activation | Trace | LicenceFeature, system: OperatingSystem = WINDOWS_10) -> Inventory:
    return dataclasses.replace(
        inventory(system=system),
        activations=tuple(each for each in records if isinstance(each, Activation)),
        traces=tuple(each for each in records if isinstance(each, Trace)),
        licence_features=tuple(each for each in records if isinstance(each, LicenceFeature)),
    )


def signs(
    *records: Activation | Trace | LicenceFeature, organisation: Organisation = APPROVED, **more: Any
) -> list[Sign]:
    return list(SignReader(CATALOGUE, organisation).signs([], [], facts_of(told(*records, **more))))


def brief(found: list[Sign]) -> list[tuple[str, str]]:
    return [(sign.indicator, sign.strength.value) for sign in found]


def windows(**more: Any) -> Activation:
    said: dict[str, Any] = {"channel": "VOLUME_KMSCLIENT", "state": "licensed", "key_last5": "T83GX"}
    said |= {"grace_minutes": 200_000, "licence_family": "Professional"}
    return Activation(kind="windows", scope="activation:windows", **(said | more))


@pytest.mark.parametrize("host", ["kms.example.com", "KMS.example.com", "10.1.2.3"])
def test_a_published_key_with_an_approved_host_is_nothing(host: str) -> None:
    assert signs(windows(kms_host=host)) == []


def test_a_host_that_is_not_on_the_list_is_strong_and_a_hint_while_the_list_is_empty() -> None:
    assert brief(signs(windows(kms_host="kms.other.example"))) == [("windows-unapproved-kms", "strong")]
    silent = signs(windows(kms_host="kms.other.example"), organisation=Organisation())
    assert brief(silent) == [("windows-unapproved-kms", "hint")]


def test_a_directory_and_a_host_of_its_own_are_nothing() -> None:
    assert signs(windows(by_directory=True)) == []
    assert signs(windows(kms_host="127.0.0.1"), Activation("other", "x", is_kms_host=True)) == []


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (
            windows(kms_host="127.0.0.2", kms_port=1688),
            [
                ("kms-address-of-kms38", "strong"),
                ("windows-kms-loopback", "strong"),
                ("windows-unapproved-kms", "strong"),
            ],
        ),
        (windows(kms_host="kms.03k.org"), [("windows-public-kms", "conclusive"), ("windows-unapproved-kms", "strong")]),
        (windows(kms_host="kms.03k.org", state="grace"), [("public-kms-left-over", "hint")]),
        (windows(kms_host="kms.03k.org", channel="RETAIL", key_last5="QQQQQ"), [("public-kms-left-over", "hint")]),
        (
            windows(grace_minutes=6_500_000, kms_host=None),
            [("kms-client-beyond-180-days", "conclusive"), ("kms-client-without-kms", "strong")],
        ),
        (windows(grace_minutes=6_500_000, licence_family="EnterpriseG", key_last5="4M68B", by_directory=True), []),
        (windows(grace_minutes=0), [("kms-client-permanent", "strong"), ("kms-client-without-kms", "strong")]),
        (
            windows(licence_family="CoreCountrySpecific", kms_host="127.0.0.1"),
            [
                ("home-edition-with-kms", "conclusive"),
                ("windows-kms-loopback", "strong"),
                ("windows-unapproved-kms", "strong"),
            ],
        ),
        (windows(channel="VOLUME_MAK", key_last5="ABCDE", grace_minutes=0), []),
        (windows(channel="VOLUME_MAK", key_last5="QQQQQ", grace_minutes=0), [("windows-unknown-mak", "strong")]),
        (windows(channel="OEM_DM", key_last5="QQQQQ", grace_minutes=0), []),
        (windows(channel="RETAIL", key_last5="3V66T", grace_minutes=0), [("windows-default-key-retail", "hint")]),
        (windows(channel="OEM_DM", state="non_genuine"), [("windows-non-genuine", "strong")]),
        (Activation("wps", "x", key_last5="TJWML"), [("published-wps-serial", "strong")]),
    ],
)
def test_states_of_activation(activation: Activation, expected: list[tuple[str, str]]) -> None:
    assert brief(signs(activation)) == expected


def test_all_that_tells_of_activation_weighs_as_one() -> None:
    found = signs(windows(kms_host="127.0.0.2", kms_port=1688))
    assert {sign.type for sign in found} == {ACTIVATION}


SINK = "127.0.0.1"


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (
            Trace("service", "Service KMSELDI", "s", path=r"C:\Program Files\KMSpico\Service_KMS.exe"),
            [("kmspico", "conclusive")],
        ),
        (Trace("scheduled_task", r"\AutoPico Daily Restart", "s"), [("kmspico", "conclusive")]),
        (Trace("file", "KMSpico", "s", path=r"C:\Program Files\KMSpico", state="folder"), [("kmspico", "strong")]),
        (
            Trace("file", "sppc.dll", "s", path=r"C:\Program Files\Microsoft Office\root\vfs\System\sppc.dll"),
            [("office-licensing-library-replaced", "conclusive")],
        ),
        (Trace("file", "sppc.dll", "s", path=r"C:\Windows\System32\sppc.dll"), []),
        (
            Trace(
                "setting",
                "VerifierDlls",
                "s",
                path=r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File "
                r"Execution Options\SppExtComObj.exe",
                value="SppExtComObjHook.dll",
            ),
            [("licensing-service-hook", "conclusive")],
        ),
        (Trace("hosts_line", "lm.licenses.adobe.com", "s", value=SINK), [("adobe-servers-blocked", "strong")]),
        (Trace("hosts_line", "lm.licenses.adobe.com", "s", value="93.184.216.34"), []),
        (Trace("service", "AGSService", "s", start="disabled"), [("adobe-genuine-service-off", "hint")]),
        (
            Trace("variable", "SPLM_LICENSE_SERVER", "s", value="27800@localhost"),
            [("replaced-licence-server-address", "strong")],
        ),
        (Trace("variable", "ADSKFLEX_LICENSE_FILE", "s", value="27000@localhost"), []),
        (
            Trace(
                "setting", "License", "s", path="HKLM\\x", value=r"C:\SolidSQUAD_License_Servers\Licenses\lmgrd_SSQ.lic"
            ),
            [("solidsquad-server", "conclusive")],
        ),
        (
            Trace("file", "cad.lic", "s", path="/opt/cad.lic", value="SolidSQUAD", watch="x"),
            [("forged-licence-file", "strong")],
        ),
        (Trace("dongle", "multikey", "s"), [("multikey-driver", "conclusive")]),
        (Trace("dongle", "vusbbus", "s"), [("dongle-emulator", "hint")]),
        (Trace("exclusion", r"C:\Windows\AAct_Tools", "s"), [("activator-passed-over-by-protection", "strong")]),
        (Trace("detection", "HackTool:Win32/AutoKMS", "s"), [("activator-found-by-protection", "strong")]),
        (
            Trace(
                "file",
                "idea64.exe.vmoptions",
                "s",
                value="ja-netfilter",
                path=r"C:\Users\~ab12cd34\AppData\Roaming\JetBrains\IntelliJIdea2023.1\idea64.exe.vmoptions",
            ),
            [("jetbrains-agent", "conclusive")],
        ),
        (
            Trace(
                "file",
                "idea64.exe.vmoptions",
                "s",
                path=r"C:\Users\li\AppData\Roaming\JetBrains\IntelliJIdea2023.1\idea64.exe.vmoptions",
            ),
            [],
        ),
        (
            Trace(
                "file",
                "amtlib.dll",
                "s",
                path=r"C:\Program Files\Adobe\Adobe Photoshop CC 2017\amtlib.dll",
                signature="unsigned",
            ),
            [("adobe-library-unsigned", "conclusive")],
        ),
        (Trace("file", "amtlib.dll", "s", path=r"C:\Program Files\Adobe\Adobe Photoshop CC 2017\amtlib.dll"), []),
    ],
)
def test_traces(trace: Trace, expected: list[tuple[str, str]]) -> None:
    assert brief(signs(trace)) == expected


def test_a_file_alone_is_a_leftover_until_something_of_it_runs() -> None:
    folder = Trace("file", "KMSpico", "s", path=r"C:\Program Files\KMSpico", state="folder")
    task = Trace("scheduled_task", "AutoPico Daily Restart", "s")
    assert brief(signs(folder, task)) == [("kmspico", "conclusive"), ("kmspico", "conclusive")]


def test_signs_that_say_something_only_together() -> None:
    service = Trace("service", "AdskNLM", "s", path=r"C:\Autodesk\lmgrd.exe")
    variable = Trace("variable", "ADSKFLEX_LICENSE_FILE", "s", value="@localhost")
    both = [("autodesk-local-licence-server", "strong"), ("licence-server-on-workstation", "hint")]
    assert sorted(set(brief(signs(service, variable)))) == both
    assert signs(service) == [] and signs(variable) == []
    server = OperatingSystem("windows", "Windows Server 2022 Standard")
    assert signs(service, variable, system=server) == []


def office(family: str, **more: Any) -> Activation:
    said: dict[str, Any] = {"state": "licensed", "licence_family": family, "channel": "VOLUME_KMSCLIENT"}
    return Activation(kind="office", scope="activation:office", **(said | more))


def of_office(*release_ids: str) -> Inventory:
    key = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
    listed = [Software("office", each, "office:click_to_run", seen_at=key, identifier=each) for each in release_ids]
    others = [Software("uninstall_keys", "Other", "uninstall_keys:HKLM", identifier="{1}")]
    return inventory([*others, *listed], system=WINDOWS_10)


@pytest.mark.parametrize(
    ("release_ids", "activation", "expected"),
    [
        (["ProPlus2019Retail"], office("Office16ProPlusVL_KMS_Client"), "strong"),
        (["O365ProPlusRetail", "VisioProRetail"], office("Office19VisioPro2019VL_MAK_AE"), "strong"),
        (["O365ProPlusRetail", "VisioPro2021Volume"], office("Office21VisioPro2021VL_KMS_Client_AE"), None),
        (["ProPlus2019Retail"], office("Office19ProPlus2019R_Retail", channel="RETAIL"), None),
        (["ProPlus2019Retail"], office("Office16ProPlusVL_KMS_Client", state="unlicensed"), None),
        (["ProPlus2019Retail"], office("Office16ProPlusVL_KMS_Client", kms_host="kms.example.com"), None),
        ([], office("Office16ProPlusVL_KMS_Client"), None),
    ],
)
def test_a_retail_office_with_a_volume_licence(
    release_ids: list[str], activation: Activation, expected: str | None
) -> None:
    document = dataclasses.replace(of_office(*release_ids), activations=(activation,))
    found = SignReader(CATALOGUE, APPROVED).signs([], [], facts_of(document))
    own = [sign for sign in found if sign.indicator == "office-retail-with-volume-licence"]
    assert {sign.strength.value for sign in own} == ({expected} if expected else set())
    assert [sign.record for sign in own] == (["activations[0]", "software[1]"] if expected else [])
    silent = SignReader(CATALOGUE, Organisation()).signs([], [], facts_of(document))
    assert not [
        sign for sign in silent if sign.indicator == "office-retail-with-volume-licence" and sign.strength != "hint"
    ]


def test_a_policy_against_tickets_counts_only_beside_an_activator() -> None:
    key = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform"
    policy = Trace("setting", "NoGenTicket", "s", path=key, value="1")
    task = Trace("scheduled_task", "\\Activation-Renewal", "s")
    assert signs(policy) == []
    told_of = {sign.indicator for sign in signs(policy, task)}
    assert "digital-ticket-policy-with-activator" in told_of


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (
            Trace("setting", "SerialNumber", "s", path=r"HKLM\SOFTWARE\Autodesk\A\1", state="published"),
            [("autodesk-published-serial", "conclusive")],
        ),
        (
            Trace("service", "Autodesk Genuine Service", "s", state="missing"),
            [("autodesk-genuine-service-off", "hint")],
        ),
        (Trace("service", "license.service", "s", start="disabled"), [("uos-reminder-silenced", "hint")]),
        (
            Trace("file", "rarreg.key", "s", path=r"C:\Program Files\WinRAR\rarreg.key", state="present"),
            [("winrar-key-file", "hint")],
        ),
        (
            Trace("file", "cdslmd.exe", "s", path=r"C:\Cadence\cdslmd.exe", signature="broken"),
            [("cadence-licence-server-replaced", "strong")],
        ),
        (
            Trace("file", "cdslmd.exe", "s", path=r"C:\Cadence\cdslmd.exe", signature="unsigned"),
            [("cadence-licence-server-replaced", "hint")],
        ),
        (
            Trace("setting", "SERVER", "s", value="this_host ANY 5280"),
            [("cadence-licence-server-replaced", "strong"), ("licence-bound-to-any-host", "hint")],
        ),
        (
            Trace("file", "a.exe", "s", value="main_program", signature="broken", publisher="Autodesk, Inc."),
            [("main-program-changed-autodesk", "strong")],
        ),
        (
            Trace("file", "a.exe", "s", value="main_program", signature="broken", publisher="示例公司"),
            [("main-program-changed", "hint")],
        ),
    ],
)
def test_facts_that_only_the_machine_compares(trace: Trace, expected: list[tuple[str, str]]) -> None:
    assert brief(signs(trace)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.2", [("kms-request-in-event-log", "strong")]),
        ("10.0.0.10", [("kms-request-in-event-log", "hint")]),
        ("kms.03k.org", [("kms-request-in-event-log", "hint"), ("public-kms-left-over", "hint")]),
        ("kms.example.com", []),
        ("kms.other.example", []),
    ],
)
def test_hosts_that_the_event_log_names(host: str, expected: list[tuple[str, str]]) -> None:
    asked = Activation("other", "licensing_events:application", description="Security-SPP 12288", kms_host=host)
    assert brief(signs(asked)) == expected


NO_INDICATOR = {
    "O06": "the finding copy.not_for_organisations tells it by edition",
}
"""Rows of our list of known signs that no indicator carries, and why."""


def test_every_row_of_the_list_has_an_indicator_or_a_reason() -> None:
    listed = {"W": 40, "O": 6, "A": 5, "D": 6, "E": 15, "G": 10}
    wanted = {f"{letter}{number:02}" for letter, last in listed.items() for number in range(1, last + 1)}
    carried = {row for indicator in CATALOGUE.indicators.values() for row in indicator.rows}
    assert wanted - carried == set(NO_INDICATOR) and carried <= wanted


def test_a_forum_account_in_a_licence_file() -> None:
    forged = LicenceFeature("flexnet", "SSS", "licence_files", licensee="student@eetop")
    lawful = LicenceFeature("flexnet", "SSS", "licence_files", licensee="示例集团有限公司")
    assert brief(signs(forged)) == [("forged-licence-file", "strong")]
    assert signs(lawful) == []


def test_the_words_of_a_sign_say_where() -> None:
    (sign,) = signs(Trace("hosts_line", "ase.autodesk.com", "hosts_file", value="0.0.0.0"))
    assert (sign.seen, sign.record) == ("ase.autodesk.com（0.0.0.0）", "traces[0]")


def test_services_that_every_windows_has_are_not_kept() -> None:
    facts = facts_of(
        told(
            Trace("service", "Spooler", "s", path=r"C:\Windows\System32\spoolsv.exe"),
            Trace("service", "sppsvc", "s", path=r"C:\Windows\System32\sppsvc.exe", start="disabled"),
            Trace("service", "AutoKMS", "s", path=r"C:\Windows\AutoKMS\AutoKMS.exe"),
            Trace("antivirus", "x", "s"),
        )
    )
    assert [fact.get("name") for fact in facts_worth_keeping(facts)] == ["sppsvc", "AutoKMS"]


@pytest.mark.parametrize(
    ("test", "said", "expected"),
    [
        ("@loopback", "27000@localhost", True),
        ("@loopback", "::1", True),
        ("@loopback", "127.9.9.9", True),
        ("@loopback", "27000@lic01;27000@localhost", True),
        ("@loopback", "27000@lic01", False),
        ("@loopback", None, False),
        ("@private", "10.1.1.1", True),
        ("@private", "8.8.8.8", False),
        ("@private", "127.0.0.1", False),
        ("@gvlk", "T83GX", True),
        ("@gvlk", "QQQQQ", False),
        ("@generic", "3V66T", True),
        ("@absent", None, True),
        ("@absent", "x", False),
        (">10", "11", True),
        (">10", "10", False),
        (">10", "ten", False),
        (">10", None, False),
        ("@not a.*", "b", True),
        ("@not a.*", "ab", False),
        ("@not a.*", None, False),
        ("@unless a.*", None, True),
        ("@unless a.*", "ab", False),
        ("@host *.adobe.com\nx.org", "a.b.adobe.com", True),
        ("@host *.adobe.com\nx.org", "adobe.com", False),
        ("@word SSQ", "ssq", True),
        ("a+", "AAA", True),
        ("a+", "AAB", False),
    ],
)
def test_conditions(test: str, said: str | None, expected: bool) -> None:
    assert condition_fault(test) is None
    assert compiled_test(test)(said) is expected


@pytest.mark.parametrize("test", ["@nobody", ">x", "(", "@not (", ">99999999999999999999"])
def test_conditions_that_are_refused(test: str) -> None:
    assert condition_fault(test) is not None


@pytest.mark.parametrize(
    ("place", "path", "fits"),
    [
        (r"%ProgramFiles%\A\*.exe", r"C:\Program Files (x86)\a\x.EXE", True),
        (r"%ProgramFiles%\A\*.exe", r"C:\Program Files\A\b\x.exe", False),
        (r"%AppData%\J\*", r"C:\Users\li\AppData\Roaming\J\x", True),
        (r"%AppData%\J\*", r"C:\Users\~ab12cd34\AppData\Roaming\J\x", True),
        ("~/.jetbra", "/home/li/.jetbra", True),
        ("~/.jetbra", "~1000/.jetbra", True),
        ("/opt/*/x", "/opt/a/b/x", False),
    ],
)
def test_places(place: str, path: str, fits: bool) -> None:
    assert (Pattern(place_pattern(place)).groups_of(path) is not None) is fits


def test_every_place_of_the_shipped_watchlist_may_be_watched() -> None:
    found = watchlist_of(CATALOGUE)
    assert found == shipped_watchlist() == decode_watchlist(encode_watchlist(found))
    assert len(found.files) > 100 and len(found.hosts) > 30 and len(found.words) >= 5
    assert [watched.place for watched in found.files if place_fault(watched.place)] == []


def test_every_condition_asks_for_a_field_that_facts_have() -> None:
    for indicator in CATALOGUE.indicators.values():
        for sign in indicator.signs:
            assert sign.fact is None or {condition.field for condition in sign.where} <= FIELDS[sign.fact]


def test_tails_are_five_signs_and_the_two_lists_are_apart() -> None:
    assert all(len(tail) == 5 and tail.isalnum() and tail.isupper() for tail in GVLK_TAILS | GENERIC_TAILS)
    assert not GVLK_TAILS & GENERIC_TAILS and len(GVLK_TAILS) > 120


def test_a_sign_of_every_strength_has_a_weaker_one() -> None:
    assert [strength.weaker.value for strength in Strength] == ["strong", "hint", "hint"]


def test_a_fact_says_its_words_by_name() -> None:
    fact = Fact(FactKind.SERVICE, "traces[0]", (("name", "x"), ("path", "p")))
    assert (fact.get("name"), fact.get("value"), fact.words) == ("x", None, "x（p）")
    assert Condition("name", "x").field == "name"
