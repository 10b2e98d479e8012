"""Admins: rules 26 and 27 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import answers as say
from chalicelib.core import step
from chalicelib.core.answers import AskReset, Deed, Did, Refusal, Refused
from chalicelib.core.effects import AdminMoved, Effect, Undelivered, Withdrawal, Withdrawn
from chalicelib.core.inputs import (
    Add,
    Admin,
    Asked,
    AskWhy,
    In,
    Remove,
    ShowHelp,
    Suspend,
    Verb,
)
from chalicelib.core.model import What
from tests.core.day import ONE, TWO, Day
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, IDS, STATION

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"


@pytest.fixture
def day() -> Day:
    """Ana is called to port 1; Bob and Cleo wait; a stranger is on port 2."""
    day = Day()
    for driver in (ANA, BOB, CLEO):
        day.ask(driver, Add())
    day.free("p1")
    day.told.clear()
    return day


def act(day: Day, verb: Verb, who: str = "", *more: str, by: str = BOSS) -> Effect | None:
    """`admin VERB …` by an admin."""
    return day.ask(by, Admin(verb, who, more))


def refusal(answer: Effect | None) -> Refusal:
    assert isinstance(answer, Refused)
    return answer.why


class TestRule26Admins:
    @pytest.mark.parametrize(("who", "hears"), [(BOSS, True), (BOB, False)])
    def test_help_leads_on(self, day: Day, who: str, hears: bool) -> None:
        """An admin's help leads to the admin commands; nobody else's does."""
        help_ = day.ask(who, ShowHelp())
        assert help_ is not None
        assert ("`/ev admin`" in words(help_, day.site, SlackMarkup()).text) is hears

    def test_only_admins(self, day: Day) -> None:
        """Everybody else is refused, whatever they ask for."""
        for verb in Verb:
            assert refusal(act(day, verb, ANA, "1", by=BOB)) is Refusal.NOT_ADMIN
        assert refusal(act(day, Verb.RESET, "", "confirm", by=BOB)) is Refusal.NOT_ADMIN

    def test_reset(self, day: Day) -> None:
        """It asks; then line and turns are gone, who is charging stays, the called are told."""
        day.see(p2=CLEO)
        before = day.site
        assert act(day, Verb.RESET) == AskReset(BOSS, 2)
        assert day.site is before
        assert day.ask(BOSS, Admin(Verb.RESET, words=("confirm",))) == Did(
            BOSS, Deed.RESET, detail="2"
        )
        assert day.line == []
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.RESET, BOSS)]
        assert day.heard(BOB, Withdrawn) == []
        stay = day.site.ports[TWO].stay
        assert stay is not None
        assert stay.driver == CLEO

    def test_add(self, day: Day) -> None:
        """At the end; somebody suspended is called again; not who is charging."""
        assert act(day, Verb.ADD, ZOE) == Did(BOSS, Deed.ADD, (ZOE,), detail="3")
        assert day.line == [ANA, BOB, CLEO, ZOE]
        assert day.heard(ZOE, AdminMoved) == [AdminMoved(ZOE, BOSS, 3)]
        day.ask(BOB, Suspend())
        act(day, Verb.ADD, "@bob")
        assert not day.entry(BOB).is_suspended
        day.see(p2=CLEO)
        assert refusal(act(day, Verb.ADD, CLEO)) is Refusal.CHARGING

    def test_remove(self, day: Day) -> None:
        """With a word to the driver; a turn moves on."""
        assert act(day, Verb.REMOVE, ANA) == Did(BOSS, Deed.REMOVE, (ANA,), detail="0")
        assert day.called == {BOB: ONE}
        assert day.heard(ANA, AdminMoved) == [AdminMoved(ANA, BOSS, 0)]
        assert refusal(act(day, Verb.REMOVE, ANA)) is Refusal.NOT_IN_LINE

    @pytest.mark.parametrize(
        ("place", "line"),
        [
            ("1", [ANA, CLEO, BOB]),
            ("2", [ANA, BOB, CLEO]),
            ("99", [ANA, BOB, CLEO]),
        ],
    )
    def test_move(self, day: Day, place: str, line: list[str]) -> None:
        """To place N as `list` counts: the called aren't counted."""
        assert isinstance(act(day, Verb.MOVE, CLEO, place), Did)
        assert day.line == line

    @pytest.mark.parametrize("place", [(), ("0",), ("first",), ("9" * 5000,), ("-1",)])
    def test_move_nowhere(self, day: Day, place: tuple[str, ...]) -> None:
        """What is no place is refused."""
        assert refusal(act(day, Verb.MOVE, CLEO, *place)) is Refusal.WHICH_PLACE

    @pytest.mark.parametrize("who", ["", "@nobody", "a:b:c", "slack:T0ELSE:U1", "@"])
    def test_who(self, day: Day, who: str) -> None:
        """Only people of this site's own workspace can be named."""
        assert refusal(act(day, Verb.ADD, who)) is Refusal.WHO

    def test_link(self, day: Day) -> None:
        """A list is linked at once, all or nobody; a car that stands there is recognised."""
        links = (("@bob", "4711"), (ZOE, "4712"))
        assert day.ask(BOSS, Admin(Verb.LINK, links=links)) == Did(BOSS, Deed.LINK, (BOB, ZOE))
        assert day.site.people[BOB].ids == (IDS[BOB], "4711")
        before = day.site
        wrong = Admin(Verb.LINK, links=((BOB, "5000"), ("@nobody", "5001")))
        assert refusal(day.ask(BOSS, wrong)) is Refusal.WHO
        assert day.site is before

    def test_link_repairs(self, day: Day) -> None:
        """Cleo said that Bob's car was hers, and the id, too: an admin puts both right."""
        day.ask(CLEO, In("2"))
        stay = day.site.ports[TWO].stay
        assert stay is not None
        day.ask(BOSS, Admin(Verb.LINK, links=((CLEO, "4711"),)))
        day.ask(BOSS, Admin(Verb.LINK, links=((BOB, "4711"),)))
        assert day.site.people[CLEO].ids == (IDS[CLEO],)
        assert "4711" in day.site.people[BOB].ids

    def test_close_and_open(self, day: Day) -> None:
        """A closed port's turn is withdrawn, and nobody is called there until it opens."""
        assert day.ask(BOSS, Admin(Verb.CLOSE, words=("1",))) == Did(
            BOSS, Deed.CLOSE, ports=(ONE,)
        )
        assert day.called == {}
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.CLOSED, BOSS)]
        day.ask(BOSS, Admin(Verb.OPEN, words=(STATION,)))
        assert day.called == {ANA: ONE}
        assert refusal(day.ask(BOSS, Admin(Verb.CLOSE, words=("9",)))) is Refusal.NO_SUCH_PORT
        assert refusal(day.ask(BOSS, Admin(Verb.CLOSE))) is Refusal.WHICH_PORT

    def test_set(self, day: Day) -> None:
        """Running turns keep their terms; the next has the new ones."""
        deadline = day.turn(ANA).deadline
        assert day.ask(BOSS, Admin(Verb.SET, words=("answer", "5"))) == Did(
            BOSS, Deed.SET, detail="answer 5"
        )
        assert day.turn(ANA).deadline == deadline
        day.ask(ANA, Remove())
        assert day.turn(BOB).deadline == day.now + 5 * MINUTE

    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("20", timedelta(minutes=20)),
            ("20m", timedelta(minutes=20)),
            ("0.5", timedelta(seconds=30)),
            ("1.5h", timedelta(minutes=90)),
            ("90s", timedelta(seconds=90)),
            ("2h", timedelta(hours=2)),
            ("2h30m", timedelta(hours=2, minutes=30)),
        ],
    )
    def test_set_a_length(self, day: Day, text: str, length: timedelta) -> None:
        """A length is given as `admin show` shows it, or in bare minutes."""
        assert isinstance(day.ask(BOSS, Admin(Verb.SET, words=("limit", text))), Did)
        assert day.site.policy.limit == length

    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("answer",),
            ("answer", "m"),
            ("answer", "1m2h"),
            ("answer", "soon"),
            ("answer", "0"),
            ("answer", "inf"),
            ("answer", "1e300"),
            ("answer", "nan"),
            ("answer", "25h"),
            ("nonsense", "1"),
            ("tone", "rude"),
            ("opens", "25:00"),
            ("opens", "21:00"),
            ("speaks_until", "06:00"),
            ("rated_kw", "0"),
            ("classic", "perhaps"),
            ("blind", "1m"),
        ],
    )
    def test_set_nonsense(self, day: Day, words: tuple[str, ...]) -> None:
        """What can't be is refused: also a day that ends before it begins."""
        assert refusal(day.ask(BOSS, Admin(Verb.SET, words=words))) is Refusal.NO_SUCH_SETTING

    def test_set_closes_at_once(self, day: Day) -> None:
        """New hours hold from now on."""
        day.wait(hours=2)
        day.ask(BOSS, Admin(Verb.SET, words=("closes", "09:00")))
        assert day.line == []

    def test_grant_and_revoke(self, day: Day) -> None:
        """One more, one less; the last admin stays."""
        act(day, Verb.GRANT, ANA)
        assert isinstance(act(day, Verb.SHOW, by=ANA), say.Shown)
        assert refusal(act(day, Verb.REVOKE, BOB, by=ANA)) is Refusal.NO_ADMIN
        act(day, Verb.REVOKE, BOSS, by=ANA)
        assert refusal(act(day, Verb.SHOW)) is Refusal.NOT_ADMIN
        assert refusal(act(day, Verb.REVOKE, ANA, by=ANA)) is Refusal.LAST_ADMIN

    def test_every_act_is_in_the_trail(self, day: Day) -> None:
        """With who did it, when, to whom."""
        act(day, Verb.ADD, ZOE)
        day.ask(BOSS, Admin(Verb.RESET, words=("confirm",)))
        whats = [note.what for note in day.site.trail if note.by == BOSS and note.at == day.now]
        assert {What.ADDED, What.RESET, What.REMOVED} <= set(whats)

    def test_a_button_is_heard_by_all(self, day: Day) -> None:
        """The answer to a click is seen by the clicker alone: the channel is told, too."""
        confirmed = Admin(Verb.RESET, words=("confirm",))
        day.give(Asked(BOSS, confirmed, reply_to="slack:T0HQ:https://answer#replace"))
        assert day.heard(CHANNEL, Did) == [Did(BOSS, Deed.RESET, detail="3")]

    def test_a_direct_message_is_heard_by_all(self, day: Day) -> None:
        """So is what was asked for in private, and in another channel."""
        day.give(Asked(BOSS, Admin(Verb.GRANT, ANA), heard_in="slack:T0HQ:D1"))
        day.give(Asked(BOSS, Admin(Verb.GRANT, BOB), reply_to=BOSS, public_to="slack:T0HQ:D1"))
        assert [did.who for did in day.heard(CHANNEL, Did)] == [(ANA,), (BOB,)]
        day.give(Asked(BOSS, Admin(Verb.GRANT, CLEO), heard_in=CHANNEL))
        assert len(day.heard(CHANNEL, Did)) == 2

    def test_a_repeated_event_is_answered_once(self, day: Day) -> None:
        """A question that comes twice through the outbox, too."""
        asked = Asked(BOB, AskWhy(), request="e1", reply_to=BOB)
        day.give(asked)
        day.give(asked)
        assert len(day.heard(BOB, say.Why)) == 1

    def test_who_takes_no_messages(self, day: Day) -> None:
        """The admins hear it once for each person."""
        for _ in range(3):
            day.delivers = False
            act(day, Verb.REMOVE, BOB)
            act(day, Verb.ADD, BOB)
            day.bounce(BOB)
            day.delivers = True
            day.see()
        assert day.heard(BOSS, Undelivered) == [Undelivered(BOB, "user_disabled")]


class TestRule26Undo:
    def undo(self, day: Day) -> Effect | None:
        return act(day, Verb.UNDO)

    def test_a_reset(self, day: Day) -> None:
        """Everybody is back in the old order, less who went their own way since."""
        day.ask(BOSS, Admin(Verb.RESET, words=("confirm",)))
        day.wait(seconds=1)
        day.see(p2=CLEO)
        day.ask(ZOE, Add())
        assert isinstance(self.undo(day), Did)
        assert day.line == [ANA, BOB, ZOE]
        assert refusal(self.undo(day)) is Refusal.NOTHING_TO_UNDO

    def test_a_removal(self, day: Day) -> None:
        """The driver is back in the old place, the others as they stand now."""
        act(day, Verb.REMOVE, BOB)
        day.wait(seconds=1)
        day.ask(CLEO, Suspend())
        self.undo(day)
        assert day.line == [ANA, BOB, CLEO]
        assert day.entry(CLEO).is_suspended
        assert day.heard(BOB, AdminMoved)[-1] == AdminMoved(BOB, BOSS, 1)

    def test_an_addition(self, day: Day) -> None:
        """Whoever was put in line is out again, with the turn; others keep theirs."""
        act(day, Verb.ADD, ZOE)
        day.ask(BOB, Remove())
        day.ask(CLEO, Remove())
        day.free("p2")
        assert day.called == {ANA: ONE, ZOE: TWO}
        day.ask(BOB, Add())
        self.undo(day)
        assert day.line == [ANA, BOB]
        assert day.called == {ANA: ONE, BOB: TWO}

    def test_a_break_that_was_ended(self, day: Day) -> None:
        """`add` ended Bob's break: it goes on."""
        day.ask(BOB, Suspend())
        act(day, Verb.ADD, BOB)
        self.undo(day)
        assert day.entry(BOB).is_suspended

    def test_a_move(self, day: Day) -> None:
        """The old order."""
        act(day, Verb.MOVE, CLEO, "1")
        self.undo(day)
        assert day.line == [ANA, BOB, CLEO]

    def test_settings_and_ports_and_admins(self, day: Day) -> None:
        """Each kind of act can be taken back, and takes nothing else with it."""
        day.ask(BOSS, Admin(Verb.CLOSE, words=("2",)))
        day.ask(BOSS, Admin(Verb.SET, words=("answer", "5")))
        self.undo(day)
        assert day.site.policy.answer == 15 * MINUTE
        assert day.site.ports[TWO].closed
        day.ask(BOSS, Admin(Verb.OPEN, words=("2",)))
        self.undo(day)
        assert day.site.ports[TWO].closed
        act(day, Verb.GRANT, ANA)
        self.undo(day)
        assert day.site.admins == (BOSS,)
        day.ask(BOSS, Admin(Verb.LINK, links=((ANA, IDS[BOB]),)))
        self.undo(day)
        assert (day.site.people[ANA].ids, day.site.people[BOB].ids) == ((IDS[ANA],), (IDS[BOB],))

    def test_later_turns_stay(self, day: Day) -> None:
        """Who came and was called after the act is left alone."""
        day.ask(BOSS, Admin(Verb.SET, words=("answer", "20")))
        day.ask(BOB, Remove())
        day.ask(CLEO, Remove())
        day.free("p2")
        day.ask(ZOE, Add())
        day.told.clear()
        self.undo(day)
        assert day.called == {ANA: ONE, ZOE: TWO}
        assert day.told == []

    def test_not_tomorrow(self, day: Day) -> None:
        """Yesterday's line doesn't come back."""
        day.ask(BOSS, Admin(Verb.RESET, words=("confirm",)))
        day.wait(hours=24)
        assert refusal(self.undo(day)) is Refusal.NOTHING_TO_UNDO


class TestRule27Why:
    def test_my_story(self, day: Day) -> None:
        """`why` tells what happened to my place, in order, with who did it, and where I stand."""
        act(day, Verb.MOVE, CLEO, "1")
        day.ask(CLEO, Suspend())
        answer = day.ask(CLEO, AskWhy())
        assert answer is not None
        assert words(answer, day.site, SlackMarkup()).text.splitlines() == [
            "08:00 put in line",
            "08:00 moved in line by Boss",
            "08:00 suspended",
            "Now nobody is ahead of you (suspended).",
        ]

    def test_only_mine(self, day: Day) -> None:
        """What happened to others is theirs."""
        answer = day.ask(ZOE, AskWhy())
        assert answer is not None
        assert "Nothing happened to your place" in words(answer, day.site, SlackMarkup()).text

    def test_a_question_changes_nothing(self, day: Day) -> None:
        """It can be asked as often as one likes."""
        asked = Asked(ANA, AskWhy())
        assert step(day.site, asked, day.now).site is day.site
