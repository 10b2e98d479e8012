"""Mail: who has it, what comes there, and what becomes of it when a mailbox takes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import Outcome, answers as say, outbox, step, ways
from chalicelib.core.answers import Refusal, Refused
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    AlarmRaised,
    Called,
    Effect,
    LetGo,
    SensorAlarm,
    SuspensionOver,
    WayFound,
    WayLost,
)
from chalicelib.core.inputs import (
    Add,
    Alarm,
    Alarmed,
    Alarms,
    Asked,
    Claimed,
    Delivered,
    ForgetMe,
    MailMe,
    MailOff,
    Notify,
    ShowMail,
    Silenced,
    Undeliverable,
    Wish,
)
from chalicelib.core.model import Lane, Site
from chalicelib.core.rules import weekly
from chalicelib.core.rules.mail import MOST_HEARERS
from tests.cards import WEEK
from tests.core.rules.test_joining import calls, free, park
from tests.fakes import ANA, BOB, BOSS, MONDAY

BOX, OTHER = "mail:topic:abc", "mail:topic:def"
MINUTE = timedelta(minutes=1)


def ask(site: Site, who: str, wish: Wish) -> Outcome:
    return step(site, Asked(who, wish), MONDAY)


def mailed(who: str = ANA, name: str = "abc", *, confirmed: bool = True) -> Site:
    """The person has asked for mail."""
    return ask(park(admins=(BOSS,)), who, MailMe(name=name, confirmed=confirmed)).site


def silenced(site: Site, reason: str, box: str = BOX) -> Site:
    return step(site, Silenced(box, reason), MONDAY + MINUTE).site


def waiting(site: Site, kind: type[Effect]) -> list[str]:
    """To whom such messages wait to be said."""
    return [one.to for one in site.outbox if isinstance(one.effect, kind)]


def test_a_mailbox_joins() -> None:
    """Mail is theirs, and alarms come there; what is told to them alone doesn't yet."""
    outcome = ask(park(), ANA, MailMe(name="abc", confirmed=True))
    assert outcome.answer == say.MailState(ANA, has=True, asked=True)
    assert ways.told_at(outcome.site, ANA) == ANA
    assert ways.mailed_at(outcome.site, ANA) == BOX
    site = ask(outcome.site, ANA, Notify("mail")).site
    assert ways.told_at(site, ANA) == BOX


@pytest.mark.parametrize(
    ("why", "refusal"),
    [("", Refusal.NO_MAIL), ("taken", Refusal.MAIL_TAKEN), ("no address", Refusal.NO_MAILBOX), ("too often", Refusal.MAIL_OFTEN), ("full", Refusal.MAIL_FULL), ("away", Refusal.MAIL_AWAY)],
)  # fmt: skip
def test_none(why: str, refusal: Refusal) -> None:
    """Where there is no mail, each is told why, and nothing is changed."""
    outcome = ask(park(), ANA, MailMe("ana@work.example", why=why))
    assert outcome.answer == Refused(ANA, refusal)
    assert outcome.site.ways == {}


def test_the_address_stays_outside() -> None:
    """Nothing of what is kept or shown has the address."""
    wish = MailMe("ana@work.example", name="abc")
    site = ask(park(), ANA, wish).site
    assert "work.example" not in repr((site, wish))


def test_pending() -> None:
    """Until its owner has agreed, they are told in chat; then they hear of it, once, there."""
    site = mailed(confirmed=False)
    outcome = ask(site, ANA, Notify("mail"))
    assert outcome.answer == say.Notified(ANA, "mail", pending=True)
    site = outcome.site
    assert ask(site, ANA, ShowMail()).answer == say.MailState(ANA, True, True, True)
    assert ways.told_at(site, ANA) == ANA
    assert ways.mailed_at(site, ANA) == ANA
    site = silenced(site, "")
    assert waiting(site, WayFound) == [BOX]
    again = silenced(site, "")
    assert again is site


def test_confirmed_and_not_chosen() -> None:
    """Who only wants alarms by mail hears in chat that the address is good."""
    assert waiting(silenced(mailed(confirmed=False), ""), WayFound) == [ANA]


def test_unsubscribed() -> None:
    """Whoever unsubscribes hears of it once, in chat, and is told there from then on."""
    site = ask(mailed(), ANA, Notify("mail")).site
    site = silenced(site, "unsubscribed")
    assert waiting(site, WayLost) == [ANA]
    assert silenced(site, "unsubscribed") is site
    assert ways.told_at(site, ANA) == ANA


def test_refused_as_it_is_sent() -> None:
    """A call that mail doesn't take is told in chat, with the word that mail is gone."""
    site = ask(mailed(), ANA, Notify("mail")).site
    site = free(ask(site, ANA, Add()).site)
    assert calls(site) == [(BOX, ANA)]
    (call,) = [one for one in site.outbox if isinstance(one.effect, Called)]
    at = MONDAY + 2 * MINUTE
    site = step(site, Claimed(call.id, at + MINUTE), at).site
    site = step(site, Undeliverable(call.id, "unsubscribed"), at).site
    assert calls(site) == [(ANA, ANA)]
    assert waiting(site, WayLost) == [ANA]


def test_another_mailbox() -> None:
    """A new address takes the old one's place, chosen if that was, and the old one is let go."""
    site = ask(mailed(), ANA, Notify("mail")).site
    site = ask(site, ANA, MailMe(name="def", confirmed=True)).site
    assert ways.told_at(site, ANA) == OTHER
    assert BOX not in site.ways
    assert waiting(site, LetGo) == [BOX]


def test_somebody_else_s() -> None:
    """A mailbox that is one person's here doesn't become another's."""
    site = mailed()
    outcome = ask(site, BOB, MailMe(name="abc", confirmed=True))
    assert outcome.answer == Refused(BOB, Refusal.MAIL_TAKEN)
    assert outcome.site is site


def test_off() -> None:
    """`mail off` lets the mailbox go; what waits for it is told in chat, and nothing is twice."""
    site = ask(mailed(), ANA, Notify("mail")).site
    site = free(ask(site, ANA, Add()).site)
    outcome = ask(site, ANA, MailOff())
    assert outcome.answer == say.MailEnded(ANA)
    assert calls(outcome.site) == [(ANA, ANA)]
    assert waiting(outcome.site, LetGo) == [BOX]
    assert ask(outcome.site, ANA, MailOff()).answer == Refused(ANA, Refusal.NO_MAIL_YET)


def test_off_and_on_again() -> None:
    """Who has mail again before the old subscription was ended keeps it."""
    site = ask(mailed(), ANA, MailOff()).site
    site = ask(site, ANA, MailMe(name="abc", confirmed=True)).site
    assert waiting(site, LetGo) == []


def test_forgotten() -> None:
    """Who is forgotten has no mail, and hears of nothing."""
    site = ask(mailed(), ANA, Alarms(on=True)).site
    site = ask(site, ANA, ForgetMe()).site
    assert site.ways == {}
    assert site.alarm_to == ()
    assert waiting(site, LetGo) == [BOX]


def test_let_go_is_refused() -> None:
    """Nobody is troubled when a mailbox that is let go can't be."""
    site = ask(mailed(), ANA, MailOff()).site
    (one,) = [one for one in site.outbox if isinstance(one.effect, LetGo)]
    site = step(site, Claimed(one.id, MONDAY + MINUTE), MONDAY).site
    site = step(site, Undeliverable(one.id, "no name"), MONDAY).site
    assert outbox.heads(site, Lane.CHAT) == ()
    assert site.refused == {}


def test_alarms() -> None:
    """Admins and who wants to hear of alarms are told, by mail where they have it, each once; what
    only admins may type is said only to them.
    """
    site = ask(mailed(), ANA, Alarms(on=True)).site
    site = ask(site, BOSS, Alarms(on=True)).site
    site = step(site, Alarmed((Alarm("1:900001", "1", "GFCI Trip", MONDAY),)), MONDAY).site
    assert waiting(site, AlarmRaised) == [BOSS, BOX]
    said = [words(one.effect, site, SlackMarkup(), to=one.to).text for one in site.outbox]
    assert ["admin close" in one for one in said if "trouble" in one] == [True, False]
    outcome = ask(site, ANA, Alarms(on=False))
    assert outcome.answer == say.AlarmsSet(ANA, on=False)
    assert outcome.site.alarm_to == (BOSS,)
    assert ask(site, BOSS, Alarms(on=False)).answer == say.AlarmsSet(BOSS, on=False, admin=True)


def test_many_hearers() -> None:
    """So many hear of alarms, and no more: the state doesn't grow with whoever asks."""
    site = park()
    for n in range(MOST_HEARERS + 5):
        site = ask(site, f"slack:T0HQ:U{n}", Alarms(on=True)).site
    assert len(site.alarm_to) == MOST_HEARERS


def test_nobody_is_asked_twice_of_a_stale_loss() -> None:
    """Who has mail again before they heard that it was lost isn't told so."""
    site = silenced(mailed(), "unsubscribed")
    site = ask(site, ANA, MailMe(name="abc", confirmed=True)).site
    assert waiting(site, WayLost) == []
    assert waiting(site, SuspensionOver) == []


def test_what_arrives() -> None:
    """A mail that arrives takes the mark away from an address that took nothing."""
    site = ask(mailed(), ANA, Notify("mail")).site
    site = free(ask(site, ANA, Add()).site)
    (call,) = [one for one in site.outbox if isinstance(one.effect, Called)]
    at = MONDAY + 2 * MINUTE
    site = step(site, Claimed(call.id, at + MINUTE), at).site
    site = step(site, Delivered(call.id), at).site
    assert site.queue[0].turn is not None
    assert site.queue[0].turn.told_at == at


def test_the_weekly_report() -> None:
    """Admins, and who hears of alarms, have it by mail where they have mail; nobody else does."""
    site = mailed(BOSS)
    site = ask(site, BOB, MailMe(name="def", confirmed=True)).site
    d = Draft(site, MONDAY)
    weekly.announce(d, WEEK)
    assert [one.to for one in d.outbox if one.to.startswith("mail:")] == [BOX]
    assert {one.to for one in d.outbox} >= set(d.audience)
    d = Draft(ask(site, BOB, Alarms(on=True)).site, MONDAY)
    weekly.announce(d, WEEK)
    assert [one.to for one in d.outbox if one.to.startswith("mail:")] == [BOX, OTHER]


def test_lost_once() -> None:
    """Two mails are refused, one after the other: the word that mail is gone comes once."""
    site = ask(mailed(), ANA, Notify("mail")).site
    d = Draft(site, MONDAY)
    for name in ("bay-1", "bay-2"):
        d.send(BOX, SensorAlarm("1:900001/1", name))
    site, lost = d.freeze(), 0
    for _ in range(9):
        heads = outbox.heads(site, Lane.CHAT)
        if not heads:
            break
        one = heads[-1]
        lost += isinstance(one.effect, WayLost)
        site = step(site, Claimed(one.id, MONDAY + MINUTE), MONDAY).site
        refused = Undeliverable(one.id, "unsubscribed") if one.to == BOX else Delivered(one.id)
        site = step(site, refused, MONDAY).site
    assert lost == 1
