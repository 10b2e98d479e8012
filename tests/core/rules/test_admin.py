"""Admins: rules 26 and 27 of the house."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.chat.quantities import setting
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, answers as say, step
from chalicelib.core.acts import Act
from chalicelib.core.answers import AskReset, Deed, Did, Refusal, Refused, Unchanged
from chalicelib.core.effects import (
    AdminMoved,
    DoneForYou,
    Undelivered,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    Asked,
    AskWhy,
    In,
    Remove,
    ShowHelp,
    Suspend,
)
from chalicelib.core.model import What
from tests.core.day import ONE, TWO, Day
from tests.core.mornings import (
    act,
    one_is_called,
    refusal,
)
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, IDS, STATION

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"
EVERY_ACT: tuple[Act, ...] = (
    acts.ShowActs(), acts.ShowSite(), acts.Reset(), acts.Put(ANA), acts.Take(ANA), acts.Move(ANA, 1),
    acts.Link(((ANA, "4711"),)), acts.Close(("1",)), acts.Open(("1",)), acts.SetPolicy("answer", MINUTE),
    acts.Grant(ANA), acts.Revoke(BOSS), acts.UndoLast(), acts.Limit(3.3), acts.Lift(),
)  # fmt: skip


@pytest.fixture
def day() -> Day:
    """Ana is called; Bob and Cleo wait."""
    return one_is_called()


class TestRule26Admins:
    @pytest.mark.parametrize(("who", "hears"), [(BOSS, True), (BOB, False)])
    def test_help_leads_on(self, day: Day, who: str, hears: bool) -> None:
        """An admin's help leads to the admin commands; nobody else's does."""
        help_ = day.ask(who, ShowHelp())
        assert help_ is not None
        assert ("`/ev admin`" in words(help_, day.site, SlackMarkup()).text) is hears

    def test_only_admins(self, day: Day) -> None:
        """Everybody else is refused, whatever they ask for."""
        for what in EVERY_ACT:
            assert refusal(act(day, what, by=BOB)) is Refusal.NOT_ADMIN
        assert refusal(act(day, acts.Reset(confirmed=True), by=BOB)) is Refusal.NOT_ADMIN

    def test_reset(self, day: Day) -> None:
        """It asks; then line and turns are gone, who is charging stays, the called are told."""
        day.see(p2=CLEO)
        before = day.site
        assert act(day, acts.Reset()) == AskReset(BOSS, 2)
        assert day.site is before
        assert day.ask(BOSS, Admin(acts.Reset(confirmed=True))) == Did(
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
        assert act(day, acts.Put(ZOE)) == Did(BOSS, Deed.ADD, (ZOE,), detail="3")
        assert day.line == [ANA, BOB, CLEO, ZOE]
        assert day.heard(ZOE, AdminMoved) == [AdminMoved(ZOE, BOSS, 3)]
        day.ask(BOB, Suspend())
        act(day, acts.Put("@bob"))
        assert not day.entry(BOB).is_suspended
        day.see(p2=CLEO)
        assert refusal(act(day, acts.Put(CLEO))) is Refusal.CHARGING

    def test_remove(self, day: Day) -> None:
        """With a word to the driver; a turn moves on."""
        assert act(day, acts.Take(ANA)) == Did(BOSS, Deed.REMOVE, (ANA,), detail="0")
        assert day.called == {BOB: ONE}
        assert day.heard(ANA, AdminMoved) == [AdminMoved(ANA, BOSS, 0)]
        assert refusal(act(day, acts.Take(ANA))) is Refusal.NOT_IN_LINE

    @pytest.mark.parametrize(
        ("place", "line"),
        [
            (1, [ANA, CLEO, BOB, ZOE]),
            (2, [ANA, BOB, CLEO, ZOE]),
            (3, [ANA, BOB, ZOE, CLEO]),
            (99, [ANA, BOB, ZOE, CLEO]),
        ],
    )
    def test_move(self, day: Day, place: int, line: list[str]) -> None:
        """To place N as `list` counts: the called aren't counted."""
        day.ask(ZOE, Add())
        moves = line != day.line
        told = act(day, acts.Move(CLEO, place))
        still = Unchanged(BOSS, Deed.MOVE, (CLEO,), detail=str(place))
        assert isinstance(told, Did) if moves else told == still
        assert day.line == line

    def test_put_in_line_while_charging(self, day: Day) -> None:
        """The admin hears at which port they are."""
        day.see(p2=CLEO)
        day.ask(CLEO, Remove())
        charging = Refused(BOSS, Refusal.CHARGING, TWO, other=CLEO)
        assert act(day, acts.Put(CLEO)) == charging

    @pytest.mark.parametrize("every", ["all", "everything"])
    def test_every_port(self, day: Day, every: str) -> None:
        """`close all`, `open all`."""
        act(day, acts.Close((every,)))
        assert all(port.closed for port in day.site.ports.values())
        act(day, acts.Open(("all",)))
        assert not any(port.closed for port in day.site.ports.values())

    def test_add_at_a_place(self, day: Day) -> None:
        """Whoever is put in line at a place stands there."""
        assert act(day, acts.Put(ZOE, 1)) == Did(BOSS, Deed.ADD, (ZOE,), detail="1")
        assert day.line == [ANA, ZOE, BOB, CLEO]

    @pytest.mark.parametrize("who", ["", "@nobody", "a:b:c", "slack:T0ELSE:U1", "@"])
    def test_who(self, day: Day, who: str) -> None:
        """Only people of this site's own workspace can be named."""
        assert refusal(act(day, acts.Put(who))) is Refusal.WHO

    def test_link(self, day: Day) -> None:
        """A list is linked at once, all or nobody; a car that stands there is recognised."""
        links = (("@bob", "4711"), (ZOE, "4712"))
        assert day.ask(BOSS, Admin(acts.Link(links))) == Did(
            BOSS, Deed.LINK, (BOB, ZOE), detail="4711 4712"
        )
        assert day.site.people[BOB].ids == (IDS[BOB], "4711")
        before = day.site
        wrong = Admin(acts.Link(((BOB, "5000"), ("@nobody", "5001"))))
        assert refusal(day.ask(BOSS, wrong)) is Refusal.WHO
        assert day.site is before

    def test_link_repairs(self, day: Day) -> None:
        """Cleo said that Bob's car was hers, and the id, too: an admin puts both right."""
        day.ask(CLEO, In("2"))
        stay = day.site.ports[TWO].stay
        assert stay is not None
        day.ask(BOSS, Admin(acts.Link(((CLEO, "4711"),))))
        day.ask(BOSS, Admin(acts.Link(((BOB, "4711"),))))
        assert day.site.people[CLEO].ids == (IDS[CLEO],)
        assert "4711" in day.site.people[BOB].ids

    def test_close_and_open(self, day: Day) -> None:
        """A closed port's turn is withdrawn, and nobody is called there until it opens."""
        assert day.ask(BOSS, Admin(acts.Close(("1",)))) == Did(BOSS, Deed.CLOSE, ports=(ONE,))
        assert day.called == {}
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.CLOSED, BOSS)]
        day.ask(BOSS, Admin(acts.Open((STATION,))))
        assert day.called == {ANA: ONE}
        assert refusal(day.ask(BOSS, Admin(acts.Close(("9",))))) is Refusal.NO_SUCH_PORT
        assert refusal(day.ask(BOSS, Admin(acts.Close(())))) is Refusal.WHICH_PORT

    def test_set(self, day: Day) -> None:
        """Running turns keep their terms; the next has the new ones."""
        deadline = day.turn(ANA).deadline
        assert day.ask(BOSS, Admin(acts.SetPolicy("answer", 5 * MINUTE))) == Did(
            BOSS, Deed.SET, detail="answer 5m", before="answer 15m"
        )
        assert day.turn(ANA).deadline == deadline
        day.ask(ANA, Remove())
        assert day.turn(BOB).deadline == day.now + 5 * MINUTE

    @pytest.mark.parametrize(
        ("key", "text", "why"),
        [
            ("answer", "0", Refusal.BAD_LENGTH),
            ("answer", "0m", Refusal.BAD_LENGTH),
            ("answer", "25h", Refusal.BAD_LENGTH),
            ("opens", "21:00", Refusal.BAD_HOURS),
            ("speaks_until", "06:00", Refusal.BAD_HOURS),
            ("rated_kw", "0", Refusal.BAD_POWER),
            ("blind", "1m", Refusal.BAD_BLIND),
        ],
    )
    def test_set_nonsense(self, day: Day, key: str, text: str, why: Refusal) -> None:
        """What can't be is refused, with the reason: also a day that ends before it begins."""
        value = setting(key, text)
        assert value is not None
        answer = act(day, acts.SetPolicy(key, value))
        assert isinstance(answer, Refused)
        assert answer.why is why
        assert "to :" not in words(answer, day.site, SlackMarkup()).text, "the value is said"

    def test_set_closes_at_once(self, day: Day) -> None:
        """New hours hold from now on."""
        day.wait(hours=2)
        act(day, acts.SetPolicy("closes", time(9)))
        assert day.line == []

    def test_grant_and_revoke(self, day: Day) -> None:
        """One more, one less; the last admin stays."""
        act(day, acts.Grant(ANA))
        assert isinstance(act(day, acts.ShowSite(), by=ANA), say.Shown)
        assert refusal(act(day, acts.Revoke(BOB), by=ANA)) is Refusal.NO_ADMIN
        act(day, acts.Revoke(BOSS), by=ANA)
        told = [*day.heard(ANA, DoneForYou), *day.heard(BOSS, DoneForYou)]
        assert [one.deed for one in told] == [Deed.GRANT, Deed.REVOKE], "they hear it themselves"
        assert refusal(act(day, acts.ShowSite())) is Refusal.NOT_ADMIN
        assert refusal(act(day, acts.Revoke(ANA), by=ANA)) is Refusal.LAST_ADMIN

    def test_every_act_is_in_the_trail(self, day: Day) -> None:
        """With who did it, when, to whom."""
        act(day, acts.Put(ZOE))
        day.ask(BOSS, Admin(acts.Reset(confirmed=True)))
        whats = [note.what for note in day.site.trail if note.by == BOSS and note.at == day.now]
        assert {What.ADDED, What.RESET, What.REMOVED} <= set(whats)

    def test_a_button_is_heard_by_all(self, day: Day) -> None:
        """The answer to a click is seen by the clicker alone: the channel is told, too."""
        confirmed = Admin(acts.Reset(confirmed=True))
        day.give(Asked(BOSS, confirmed, reply_to="slack:T0HQ:https://answer#replace"))
        assert day.heard(CHANNEL, Did) == [Did(BOSS, Deed.RESET, detail="3")]

    def test_a_direct_message_is_heard_by_all(self, day: Day) -> None:
        """So is what was asked for in private, and in another channel."""
        day.give(Asked(BOSS, Admin(acts.Grant(ANA)), heard_in="slack:T0HQ:D1"))
        day.give(Asked(BOSS, Admin(acts.Grant(BOB)), reply_to=BOSS, public_to="slack:T0HQ:D1"))
        assert [did.who for did in day.heard(CHANNEL, Did)] == [(ANA,), (BOB,)]
        day.give(Asked(BOSS, Admin(acts.Grant(CLEO)), heard_in=CHANNEL))
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
            act(day, acts.Take(BOB))
            act(day, acts.Put(BOB))
            day.bounce(BOB)
            day.delivers = True
            day.see()
        assert day.heard(BOSS, Undelivered) == [Undelivered(BOB, "user_disabled")]


class TestRule27Why:
    def test_my_story(self, day: Day) -> None:
        """`why` tells what happened to my place, in order, with who did it, and where I stand."""
        act(day, acts.Move(CLEO, 1))
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
