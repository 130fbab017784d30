"""Changes: a table of what one scan makes of the last, and laws that hold for any scans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.inventory.coverage import Outcome
from auditor.core.changes import Limits, Outlook, apply_sight, titles_in_question
from auditor.core.model import TitleId
from auditor.core.picture import Item, Picture, ScopeSight, Sight, Sighting, pinned
from auditor.core.upgrades import name_without_version, successions
from auditor.store.pictures import HostFacts, decode_picture, encode_picture
from rules.title import Title

DAY = date(2026, 3, 1)
COMPLETE, PARTIAL, FAILED, ABSENT = Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED, Outcome.ABSENT
LIMITS = Limits()


def title_of(text: str) -> Title:
    """`name=version`, a name alone has version 1."""
    name, _, version = text.partition("=")
    return Title("linux", "dpkg", name, version=version or "1", identifier=name)


class Names:
    """Numbers titles as they come."""

    def __init__(self) -> None:
        self.titles: dict[TitleId, Title] = {}
        self.ids: dict[str, TitleId] = {}

    def id(self, text: str) -> TitleId:
        if text not in self.ids:
            self.ids[text] = TitleId(len(self.ids) + 1)
            self.titles[self.ids[text]] = title_of(text)
        return self.ids[text]

    def text(self, number: TitleId) -> str:
        return next(text for text, known in self.ids.items() if known == number)


@dataclass
class Story:
    """Scans of one machine, one after another."""

    names: Names
    picture: Picture | None = None
    last: date | None = None

    def scan(
        self,
        day: int,
        shown: dict[str, str] | str,
        outcomes: dict[str, Outcome] | Outcome = COMPLETE,
        *,
        system: str = "linux/debian",
        installation: str | None = "m1",
        installed: dict[str, date] | None = None,
        may_remove: bool = True,
    ) -> Outlook:
        by_scope = {"dpkg": shown} if isinstance(shown, str) else shown
        how = outcomes if isinstance(outcomes, dict) else {scope: outcomes for scope in by_scope}
        sight = Sight(
            day=DAY + timedelta(days=day),
            system=system,
            installation_id=installation,
            scopes=tuple(ScopeSight(scope.split("/")[0], scope, outcome) for scope, outcome in how.items()),
            items=tuple(
                Item(self.names.id(text), scope, (installed or {}).get(text), f"software[{index}]")
                for scope, texts in by_scope.items()
                for index, text in enumerate(texts.split())
            ),
            may_remove=may_remove,
        )
        before = pinned(self.picture, self.last, "doc") if self.picture and self.last else None
        needed = titles_in_question(before, sight)
        titles = {number: title for number, title in self.names.titles.items() if number in needed}
        outlook = apply_sight(before, sight, titles, LIMITS)
        self.picture, self.last = outlook.picture, sight.day
        return outlook

    def there(self, scope: str | None = None) -> str:
        assert self.picture is not None
        found = {
            self.names.text(s.title)
            for system in self.picture.systems
            for s in system.sightings
            if scope in (None, s.scope)
        }
        return " ".join(sorted(found))

    def sighting(self, text: str) -> Sighting:
        assert self.picture is not None and self.last is not None
        (found,) = (
            s
            for system in pinned(self.picture, self.last).systems
            for s in system.sightings
            if s.title == self.names.id(text)
        )
        return found

    def told(self, outlook: Outlook) -> list[str]:
        """`removed a 1..2`: what, and the days after the first between which it happened; `@2`: on that very day."""
        return [
            f"{change.kind.value} "
            + (f"{self.names.text(change.previous_title)}>" if change.previous_title else "")
            + f"{self.names.text(change.title)} "
            + (f"{(change.happened_after - DAY).days}.." if change.happened_after else "")
            + ("@" if change.day_is_exact else "")
            + f"{(change.happened_on - DAY).days}"
            for change in outlook.changes
        ]


@pytest.fixture
def story() -> Story:
    return Story(Names())


TEN = "a b c d e f g h i j"


def test_the_first_complete_sight_opens_the_account(story: Story) -> None:
    first = story.scan(0, "a b")
    assert first.changes == ()
    assert [(o.scope, len(o.titles)) for o in first.openings] == [("dpkg", 2)]
    second = story.scan(1, "a b")
    assert (second.changes, second.openings) == ((), ())


def test_an_empty_scope_opens_as_well_and_what_comes_later_was_installed(story: Story) -> None:
    assert [o.titles for o in story.scan(0, "").openings] == [()]
    assert story.told(story.scan(3, "a")) == ["installed a 0..3"]


def test_a_partial_first_sight_opens_nothing_until_the_scope_is_read_whole(story: Story) -> None:
    assert story.scan(0, "a", PARTIAL).openings == ()
    assert story.scan(1, "a b", PARTIAL).changes == ()
    whole = story.scan(2, "a b c")
    assert (whole.changes, [len(o.titles) for o in whole.openings]) == ((), [3])
    assert story.told(story.scan(3, "a b c d")) == ["installed d 2..3"]


def test_a_complete_scope_replaces(story: Story) -> None:
    story.scan(0, TEN)
    assert story.told(story.scan(5, "a b c d e f g h x")) == ["removed i 0..5", "removed j 0..5", "installed x 0..5"]
    assert story.there() == "a b c d e f g h x"


def test_a_partial_scope_adds_and_never_removes(story: Story) -> None:
    story.scan(0, TEN)
    assert story.told(story.scan(5, "a x", PARTIAL)) == ["installed x 0..5"]
    assert story.there() == f"{TEN} x"


def test_in_a_partial_scope_another_version_under_one_identifier_stands_for_the_old(story: Story) -> None:
    """dpkg has a package once: a torn paragraph elsewhere leaves no doubt of that."""
    story.scan(0, "a=1 b c")
    assert story.told(story.scan(5, "a=2", PARTIAL)) == ["upgraded a=1>a=2 0..5"]
    assert story.there() == "a=2 b c"
    assert story.sighting("a=2").first_seen_on == DAY


def test_it_does_so_too_where_the_scope_was_never_read_whole(story: Story) -> None:
    story.scan(0, "a=1 b", PARTIAL)
    assert story.told(story.scan(5, "a=2", PARTIAL)) == ["upgraded a=1>a=2 0..5"]
    assert story.there() == "a=2 b"


def test_two_versions_beside_each_other_are_not_taken_for_one(story: Story) -> None:
    story.scan(0, "a=1 a=2", PARTIAL)
    assert story.told(story.scan(5, "a=3", PARTIAL)) == []
    assert story.there() == "a=1 a=2 a=3"


def test_a_failed_scope_changes_nothing_but_its_account(story: Story) -> None:
    story.scan(0, TEN)
    failed = story.scan(5, "", {"dpkg": FAILED})
    assert (failed.changes, story.there()) == ((), TEN)
    assert failed.picture.systems[0].scopes[0].outcome is FAILED
    assert story.told(story.scan(9, f"{TEN} x")) == ["installed x 0..9"]


def test_a_source_that_is_gone_waits_and_is_then_believed(story: Story) -> None:
    story.scan(0, {"snap": "a", "dpkg": "b"})
    gone = story.scan(1, {"snap": "", "dpkg": "b"}, {"snap": ABSENT, "dpkg": COMPLETE})
    assert (gone.held_now, gone.changes, story.there("snap")) == (("snap",), (), "a")
    again = story.scan(2, {"snap": "", "dpkg": "b"}, {"snap": ABSENT, "dpkg": COMPLETE})
    assert (again.held_now, story.told(again), story.there("snap")) == ((), ["removed a 0..1"], "")
    assert story.told(story.scan(3, {"snap": "a", "dpkg": "b"})) == ["installed a 0..3"]


def test_a_scope_that_its_source_was_read_without_is_gone_too(story: Story) -> None:
    story.scan(0, {"keys/machine": TEN, "keys/user1": "x"})
    assert story.scan(1, {"keys/machine": TEN}).held_now == ("keys/user1",)
    assert story.told(story.scan(2, {"keys/machine": TEN})) == ["removed x 0..1"]


def test_a_source_that_was_not_run_or_not_read_whole_loses_nothing(story: Story) -> None:
    story.scan(0, {"keys/machine": "a", "keys/user1": "x", "dpkg": "b"})
    for day in (1, 2, 3):
        assert story.scan(day, {"dpkg": "b"}).held_now == ()
        assert (
            story.scan(day, {"keys/machine": "a", "dpkg": "b"}, {"keys/machine": PARTIAL, "dpkg": COMPLETE}).changes
            == ()
        )
    assert story.there() == "a b x"


def test_a_large_loss_waits_for_a_second_scan(story: Story) -> None:
    story.scan(0, TEN)
    first = story.scan(1, "a b c d")
    assert (first.held_now, first.changes, story.there()) == (("dpkg",), (), TEN)
    assert first.picture.held
    second = story.scan(2, "a b c d")
    assert story.told(second) == [f"removed {name} 0..1" for name in "efghij"]
    assert not second.picture.held


def test_a_large_loss_that_comes_back_was_none(story: Story) -> None:
    story.scan(0, TEN)
    story.scan(1, "a b")
    back = story.scan(2, TEN)
    assert (back.changes, back.picture.held, back.picture.settled) == ((), False, True)
    assert story.scan(3, "a b").held_now == ("dpkg",)


def test_between_loss_and_confirmation_a_failed_scan_decides_nothing(story: Story) -> None:
    story.scan(0, TEN)
    story.scan(1, "a")
    assert story.scan(2, "", {"dpkg": FAILED}).picture.held
    assert len(story.scan(3, "a").changes) == 9


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        (TEN, "a b c d e", False),  # half, not more than half
        (TEN, "a b c d", True),
        ("a b c d", "", False),  # fewer than five
        ("a b c d e", "", True),
    ],
)
def test_what_is_a_large_loss(story: Story, before: str, after: str, waits: bool) -> None:
    story.scan(0, before)
    assert bool(story.scan(1, after).held_now) is waits


def test_a_system_installed_anew_loses_at_once(story: Story) -> None:
    story.scan(0, TEN)
    anew = story.scan(1, "a x", installation="m2")
    assert (anew.held_now, len(anew.changes)) == ((), 10)
    assert story.there() == "a x"


def test_an_upgrade_of_everything_is_no_loss(story: Story) -> None:
    story.scan(0, " ".join(f"{name}=1.0" for name in "abcdefgh"))
    upgraded = story.scan(1, " ".join(f"{name}=2.0" for name in "abcdefgh"))
    assert upgraded.held_now == ()
    assert story.told(upgraded) == [f"upgraded {name}=1.0>{name}=2.0 0..1" for name in "abcdefgh"]
    assert story.sighting("a=2.0").first_seen_on == DAY


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (3, "installed x @3"),
        (5, "installed x @5"),
        (0, "installed x @0"),  # the day of the last scan: after it, since that scan did not show it
        (-7, "installed x 0..5"),  # older than the last scan, which did not show it
        (6, "installed x 0..5"),  # ahead of the scan
        (None, "installed x 0..5"),
    ],
)
def test_the_source_s_own_day_counts_when_it_can_be_true(story: Story, own: int | None, told: str) -> None:
    story.scan(0, "a")
    installed = {} if own is None else {"x": DAY + timedelta(days=own)}
    assert story.told(story.scan(5, "a x", installed=installed)) == [told]


def test_unseen_in_three_partial_scans_and_thirty_days_is_last_seen_on(story: Story) -> None:
    story.scan(0, "a b")
    for day in (10, 20, 29):
        story.scan(day, "a", PARTIAL)
        assert not story.sighting("b").stale
    story.scan(30, "a", PARTIAL)
    assert story.sighting("b").stale
    assert story.sighting("b").last_seen_on == DAY
    assert story.sighting("b").record == "doc#software[1]"
    back = story.scan(31, "a b", PARTIAL)
    assert (story.sighting("b").stale, back.changes) == (False, ())


def test_thirty_days_alone_are_not_enough(story: Story) -> None:
    story.scan(0, "a b")
    story.scan(60, "a", PARTIAL)
    story.scan(61, "a", PARTIAL)
    assert not story.sighting("b").stale
    story.scan(62, "a", PARTIAL)
    assert story.sighting("b").stale


def test_two_systems_on_one_board_leave_each_other_alone(story: Story) -> None:
    story.scan(0, TEN)
    other = story.scan(1, "x", system="linux/uos", installation="m2")
    assert (other.changes, other.held_now, story.there()) == ((), (), f"{TEN} x")
    assert [opening.system for opening in other.openings] == ["linux/uos"]
    assert story.told(story.scan(2, f"{TEN} y")) == ["installed y 0..2"]
    for day in (20, 30, 41):
        story.scan(day, f"{TEN} y")
    assert story.sighting("x").stale


def test_what_may_not_remove_only_adds(story: Story) -> None:
    story.scan(0, "a b")
    for day in (1, 20, 40, 60):
        story.scan(day, {"dpkg": "a c", "snap": ""}, {"dpkg": COMPLETE, "snap": ABSENT}, may_remove=False)
    assert story.there() == "a b c"
    assert not story.sighting("b").stale


def test_the_same_title_twice_in_one_scope_is_one_sighting(story: Story) -> None:
    story.scan(0, "a a b")
    assert story.sighting("a").record == "software[0]"


def test_a_title_that_is_only_described_otherwise_is_no_change() -> None:
    before = Title("linux", "dpkg", "bash", version="5.2", identifier="bash")
    after = replace(before, licence="GPL-3")
    (pair,) = successions([TitleId(1)], [TitleId(2)], {TitleId(1): before, TitleId(2): after})
    assert (pair.before, pair.after, pair.upgrade) == (1, 2, False)


def _windows(name: str, version: str, identifier: str | None = None) -> Title:
    return Title("windows", "uninstall_keys", name, version=version, identifier=identifier)


@pytest.mark.parametrize(
    ("before", "after", "paired"),
    [
        (_windows("7-Zip 22.01 (x64)", "22.01", "{A}"), _windows("7-Zip 23.01 (x64)", "23.01", "{B}"), True),
        (
            _windows("WPS Office (11.1.0.10009)", "11.1.0.10009"),
            _windows("WPS Office (11.1.0.14309)", "11.1.0.14309"),
            True,
        ),
        (_windows("AutoCAD 2020 - 简体中文", "24.0"), _windows("AutoCAD 2022 - 简体中文", "24.2"), True),
        (_windows("微信", "3.9.5"), _windows("企业微信", "4.1.0"), False),
        (_windows("7-Zip 22.01 (x64)", "22.01"), _windows("7-Zip ZS 22.01 (x64)", "22.01"), False),
        (replace(_windows("X", "1"), architecture="x86"), replace(_windows("X", "2"), architecture="x64"), False),
        (replace(_windows("X", "1"), source="appx"), _windows("X", "2"), False),
        (_windows("2345", "2.0"), _windows("360", "1.0"), False),
    ],
)
def test_which_titles_are_one_program(before: Title, after: Title, paired: bool) -> None:
    assert bool(successions([TitleId(1)], [TitleId(2)], {TitleId(1): before, TitleId(2): after})) is paired


def test_names_that_stand_for_several_are_not_guessed() -> None:
    titles = {
        TitleId(1): _windows("Runtime 8.0.1 (x64)", "8.0.1"),
        TitleId(2): _windows("Runtime 6.0.3 (x64)", "6.0.3"),
        TitleId(3): _windows("Runtime 9.0.0 (x64)", "9.0.0"),
    }
    assert successions([TitleId(1), TitleId(2)], [TitleId(3)], titles) == ()
    assert name_without_version(titles[TitleId(1)]) == name_without_version(titles[TitleId(3)]) == "runtime x64"


Scan = tuple[frozenset[str], Outcome]
SCANS: st.SearchStrategy[list[Scan]] = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from(["a=1", "a=2", "b", "c", "d", "e", "f", "g", "h"])),
        st.sampled_from(list(Outcome)),
    ),
    min_size=1,
    max_size=8,
)


def _play(scans: Iterable[Scan]) -> tuple[Story, list[tuple[str, Outlook, str]]]:
    """Return the story, and of each scan what was there before, what it made of it, and what is there after."""
    story, played = Story(Names()), []
    for day, (shown, outcome) in enumerate(scans):
        before = story.there() if story.picture else ""
        text = " ".join(sorted(shown)) if outcome in (COMPLETE, PARTIAL) else ""
        outlook = story.scan(day, {"dpkg": text}, {"dpkg": outcome})
        played.append((before, outlook, story.there()))
    return story, played


@given(SCANS)
def test_law_only_complete_or_absent_scopes_remove(scans: list[Scan]) -> None:
    for (before, outlook, after), (_, outcome) in zip(_play(scans)[1], scans, strict=True):
        if outcome in (PARTIAL, FAILED):
            kinds = {change.kind.value for change in outlook.changes}
            assert kinds <= ({"installed", "upgraded"} if outcome is PARTIAL else set())
            lost = set(before.split()) - set(after.split())
            assert len(lost) <= 1 and lost <= {"a=1", "a=2"}, "only another version of the same may stand for it"
            assert not lost or {"a=1", "a=2"} - lost <= set(after.split())


@given(SCANS)
def test_law_the_journal_and_the_openings_add_up_to_what_is_there(scans: list[Scan]) -> None:
    story, played = _play([(shown, o if o is not PARTIAL else COMPLETE) for shown, o in scans])
    books: set[TitleId] = set()
    for _, outlook, _ in played:
        for opening in outlook.openings:
            books |= {title for title, _ in opening.titles}
        for change in outlook.changes:
            if change.previous_title is not None:
                books.remove(change.previous_title)
            if change.kind.value == "removed":
                books.remove(change.title)
            else:
                assert change.title not in books
                books.add(change.title)
    assert {story.names.text(title) for title in books} == set(story.there().split())


@given(SCANS)
def test_law_the_same_scan_twice_more_settles(scans: list[Scan]) -> None:
    story, _ = _play(scans)
    for day in (100, 101, 102):
        last = story.scan(day, "a=1 b")
    assert (last.changes, last.openings, last.picture.settled) == ((), (), True)
    assert story.there() == "a=1 b"
    again = story.scan(103, "a=1 b")
    assert encode_picture(again.picture, HostFacts()) == encode_picture(last.picture, HostFacts())


@given(SCANS)
def test_law_a_picture_survives_its_encoding(scans: list[Scan]) -> None:
    story, _ = _play(scans)
    assert story.picture is not None
    host = HostFacts(name="hq-015", macs=("3c:52:82:11:22:33",), virtual=False)
    assert decode_picture(encode_picture(story.picture, host)) == (story.picture, host)
