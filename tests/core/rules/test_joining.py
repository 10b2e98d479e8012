"""One person, several ways: codes, numbers, visitors, and where people are told."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core import Outcome, acts, answers as say, outbox, step
from chalicelib.core.answers import Refusal, Refused
from chalicelib.core.effects import Called
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Admin,
    Asked,
    Claimed,
    Delivered,
    ForgetMe,
    GetCode,
    In,
    Join,
    Notify,
    OnMyWay,
    Remove,
    ShowStatus,
    Silenced,
    Undeliverable,
    Wish,
)
from chalicelib.core.model import Lane, Site, Standing, Way, What
from chalicelib.values import replace
from tests.fakes import ANA, BOB, BOSS, CHANNEL, MONDAY, look, site_of

US = "+16505550100"
PHONE, OTHER = (f"sms:{US}:+1650555{n}" for n in (1001, 1002))
MINUTE = timedelta(minutes=1)


def park(**more: object) -> Site:
    """A site with a number for texts; both ports are taken by cars that nobody knows."""
    site = site_of(CHANNEL, f"sms:{US}:line", **more)
    return step(site, look(MONDAY, p1="?", p2="?"), MONDAY).site


def ask(site: Site, who: str, wish: Wish, after: timedelta = timedelta(0)) -> Outcome:
    return step(site, Asked(who, wish), MONDAY + after)


def joined(site: Site, who: str = ANA, phone: str = PHONE) -> Site:
    """The person's phone has sent the code that they asked for."""
    site = ask(site, who, GetCode("123456")).site
    return ask(site, phone, Join("123456")).site


def free(site: Site) -> Site:
    """Port 1 becomes free, seen twice."""
    for seconds in (60, 81):
        at = MONDAY + timedelta(seconds=seconds)
        site = step(site, look(at, p1=None, p2="?"), at).site
    return site


def calls(site: Site) -> list[tuple[str, str]]:
    """Who is being told of a call, and where."""
    return [(one.to, one.effect.driver) for one in site.outbox if isinstance(one.effect, Called)]


def test_a_number_that_nobody_joined() -> None:
    """Whoever texts without a code is nobody here, and nothing is changed."""
    site = park()
    outcome = ask(site, PHONE, Add())
    assert outcome.answer == Refused(PHONE, Refusal.NO_MEMBER)
    assert outcome.site is site


def test_the_same_person() -> None:
    """Who types by text and in chat has one place in line."""
    site = joined(park())
    assert ask(site, PHONE, Add()).site.queue[0].driver == ANA
    site = ask(site, ANA, Add()).site
    answer = ask(site, PHONE, Add()).answer
    assert isinstance(answer, say.YourPlace)
    assert [one.driver for one in site.queue] == [ANA]
    assert ask(site, PHONE, Remove()).site.queue == ()


def test_a_code_is_good_once_and_not_for_long() -> None:
    """Used, expired or replaced, a code joins nobody."""
    site = joined(park())
    assert isinstance(ask(site, OTHER, Join("123456")).answer, say.WrongCode)
    site = ask(site, BOB, GetCode("654321")).site
    assert isinstance(ask(site, OTHER, Join("654321"), 15 * MINUTE).answer, say.WrongCode)
    site = ask(site, BOB, GetCode("111111")).site
    assert isinstance(ask(site, OTHER, Join("654321")).answer, say.WrongCode)
    assert ask(site, OTHER, Join("111111")).answer == say.Joined(BOB)


def test_guessing_is_locked() -> None:
    """After ten wrong codes even the right one is not heard, for an hour; then it is."""
    site = ask(park(), BOB, GetCode("111111")).site
    for left in range(9, -1, -1):
        outcome = ask(site, PHONE, Join("999999"))
        assert outcome.answer == say.WrongCode(PHONE, left)
        site = outcome.site
    assert ask(site, PHONE, Join("111111")).answer == say.WrongCode(PHONE, 0)
    assert ask(site, OTHER, Join("111111")).answer == say.Joined(BOB)
    site = ask(site, BOB, GetCode("222222"), 60 * MINUTE).site
    assert ask(site, PHONE, Join("222222"), 60 * MINUTE).answer == say.Joined(BOB)


def test_guessing_from_many_numbers() -> None:
    """Whoever guesses from many numbers wears the code out."""
    site = ask(park(), BOB, GetCode("111111")).site
    for n in range(50):
        site = ask(site, f"sms:{US}:+1650556{n:04}", Join("999999")).site
    assert site.codes == ()


def test_told_where_they_chose() -> None:
    """`notify sms` tells by text and nowhere else; `notify chat` takes that back."""
    site = ask(joined(park()), ANA, Add()).site
    assert calls(free(site)) == [(ANA, ANA)]
    chosen = ask(site, PHONE, Notify("sms")).site
    assert calls(free(chosen)) == [(PHONE, ANA)]
    back = ask(chosen, ANA, Notify("")).site
    assert calls(free(back)) == [(ANA, ANA)]


def test_notify_without_a_phone() -> None:
    """Nobody is told by text who hasn't joined a phone."""
    assert ask(park(), ANA, Notify("sms")).answer == Refused(ANA, Refusal.NO_PHONE)


def test_stop_then_a_turn() -> None:
    """Whoever said STOP is told in chat; who has only the phone is passed over, and back with
    their next word.
    """
    site = ask(ask(joined(park()), ANA, Notify("sms")).site, ANA, Add()).site
    stopped = step(site, Silenced(PHONE, "opted out"), MONDAY).site
    assert calls(free(stopped)) == [(ANA, ANA)]
    visitor = ask(park(ways={OTHER: Way(OTHER)}), OTHER, Add()).site
    called = free(visitor)
    assert calls(called) == [(OTHER, OTHER)]
    silent = step(called, Silenced(OTHER, "opted out"), MONDAY + 2 * MINUTE).site
    assert silent.queue[0].standing is Standing.SUSPENDED
    back = ask(silent, OTHER, ShowStatus(), 3 * MINUTE).site
    assert back.queue[0].standing is Standing.CALLED


def test_a_text_that_is_refused() -> None:
    """What a phone doesn't take is told in chat, once, and the turn's clock begins there."""
    site = ask(ask(joined(park()), ANA, Notify("sms")).site, ANA, Add()).site
    site = free(site)
    head = next(one for one in outbox.heads(site, Lane.CHAT) if one.to == PHONE)
    at = MONDAY + 2 * MINUTE
    site = step(site, Claimed(head.id, at + MINUTE), at).site
    site = step(site, Undeliverable(head.id, "opted out"), at).site
    assert calls(site) == [(ANA, ANA)]
    assert site.queue[0].turn is not None
    assert site.refused == {PHONE: "opted out"}


def test_a_visitor() -> None:
    """An admin's code lets a phone take part under the visitor's name, until it is over."""
    outcome = ask(park(), BOSS, Admin(acts.Guest("Zoe", timedelta(days=2), code="424242")))
    assert isinstance(outcome.answer, say.Coded)
    site = ask(outcome.site, PHONE, Join("424242")).site
    assert site.people[PHONE].name == "Zoe"
    assert ask(site, PHONE, Add()).site.queue[0].driver == PHONE
    over = ask(site, PHONE, Add(), timedelta(days=2)).answer
    assert over == Refused(PHONE, Refusal.NO_MEMBER)


def test_only_admins_make_visitors() -> None:
    """A member's own code is for their own phone."""
    act = Admin(acts.Guest("Zoe", code="424242"))
    assert ask(park(), ANA, act).answer == Refused(ANA, Refusal.NOT_ADMIN)


def test_a_visitor_who_was_a_member() -> None:
    """A visitor who joins as a member keeps the better of two places."""
    site = ask(park(ways={PHONE: Way(PHONE)}), PHONE, Add()).site
    assert [one.driver for one in joined(site).queue] == [ANA]
    both = ask(ask(site, BOB, Add()).site, ANA, Add()).site
    assert [one.driver for one in joined(both).queue] == [BOB, ANA]


def test_a_call_that_waits_to_be_told() -> None:
    """A visitor is called and joins as a member before hearing of it: the member hears of it."""
    site = free(ask(park(ways={PHONE: Way(PHONE)}), PHONE, Add()).site)
    assert calls(site) == [(PHONE, PHONE)]
    assert calls(joined(site)) == [(PHONE, ANA)]


def test_without_a_number() -> None:
    """A site that nobody can text to gives no codes."""
    site = replace(site_of(), admins=(BOSS,))
    assert ask(site, ANA, GetCode("123456")).answer == Refused(ANA, Refusal.NO_TEXTS)


def test_forgotten() -> None:
    """Who asks to be forgotten is known by no number either, and by no code that is open."""
    site = ask(joined(park()), ANA, GetCode("777777")).site
    site = ask(site, PHONE, ForgetMe()).site
    assert (site.ways, site.codes) == ({}, ())
    assert ask(site, PHONE, Add()).answer == Refused(PHONE, Refusal.NO_MEMBER)


def visiting() -> Site:
    """Zoe's phone takes part for two days."""
    site = ask(park(), BOSS, Admin(acts.Guest("Zoe", timedelta(days=2), code="424242"))).site
    return ask(site, PHONE, Join("424242")).site


def test_a_visits_last_moment() -> None:
    """A visitor takes part until the visit is over, and then is known no more."""
    site = visiting()
    end = site.ways[PHONE].until
    assert end is not None
    before, at = timedelta(seconds=-1) + end - MONDAY, end - MONDAY
    assert isinstance(ask(site, PHONE, Add(), before).answer, say.Added)
    assert ask(site, PHONE, Add(), at).answer == Refused(PHONE, Refusal.NO_MEMBER)
    assert PHONE in ask(site, ANA, Add(), before).site.ways
    assert PHONE not in ask(site, ANA, Add(), at).site.ways


def test_a_visitors_cards() -> None:
    """A card that a number was known by is the member's who joins with it."""
    site = ask(visiting(), BOSS, Admin(acts.Link(((PHONE, "4711"),)))).site
    assert site.people[PHONE].ids == ("4711",)
    site = joined(site)
    assert "4711" in site.people[ANA].ids
    assert PHONE not in site.people


def test_joining_stands_in_the_trail() -> None:
    """A member's phone under the member, a visitor's under itself."""
    assert [(one.what, one.driver) for one in visiting().trail][-1:] == [(What.JOINED, PHONE)]
    assert [(one.what, one.driver) for one in joined(park()).trail][-1:] == [(What.JOINED, ANA)]


def test_whose_calls_are_whose() -> None:
    """A call of somebody else's stays theirs when a number becomes a member's."""
    site = ask(park(ways={PHONE: Way(PHONE)}), PHONE, Add()).site
    site = ask(site, BOB, Add()).site
    for seconds in (60, 81):
        at = MONDAY + timedelta(seconds=seconds)
        site = step(site, look(at, p1=None, p2=None), at).site
    for head in [one for one in site.outbox if isinstance(one.effect, Called)]:
        site = step(site, Delivered(head.id, f"m{head.id}"), at).site
    assert {one.driver for one in site.calls} == {PHONE, BOB}
    assert {one.driver for one in joined(site).calls} == {ANA, BOB}


def test_a_visit_that_is_over_before_it_begins() -> None:
    """Until this very moment, or a time that has gone, is no visit."""
    for length in (timedelta(0), -MINUTE):
        act = Admin(acts.Guest("Zoe", length, code="424242"))
        assert ask(park(), BOSS, act).answer == Refused(BOSS, Refusal.PAST)


def test_a_visit_until_a_time() -> None:
    """Of that day; one that was only begun is until the line closes."""
    act = Admin(acts.Guest("Zoe", until=ClockTime(10, exact=True), code="424242"))
    site = ask(ask(park(), BOSS, act).site, PHONE, Join("424242")).site
    assert site.ways[PHONE].until == MONDAY + timedelta(hours=2)
    act = Admin(acts.Guest("Zoe", code="424242"))
    site = ask(ask(park(), BOSS, act).site, PHONE, Join("424242")).site
    assert site.ways[PHONE].until == MONDAY + timedelta(hours=12)


def test_a_visitor_who_comes_again() -> None:
    """The number is known still: its cards stay, and its name is what the new code says."""
    site = ask(visiting(), BOSS, Admin(acts.Link(((PHONE, "4711"),)))).site
    site = ask(site, BOSS, Admin(acts.Guest("Zoe B", timedelta(days=2), code="434343"))).site
    site = ask(site, PHONE, Join("434343")).site
    assert (site.people[PHONE].name, site.people[PHONE].ids) == ("Zoe B", ("4711",))


def test_stop_where_it_is_not_heard() -> None:
    """A call that was told elsewhere goes on, and so does the turn of who is on the way."""
    site = free(ask(joined(park()), ANA, Add()).site)
    assert calls(site) == [(ANA, ANA)]
    site = step(site, Silenced(PHONE, "opted out"), MONDAY + 2 * MINUTE).site
    assert site.queue[0].standing is Standing.CALLED
    site = free(ask(park(ways={OTHER: Way(OTHER)}), OTHER, Add()).site)
    site = ask(site, OTHER, OnMyWay(), 2 * MINUTE).site
    site = step(site, Silenced(OTHER, "opted out"), MONDAY + 2 * MINUTE).site
    assert site.queue[0].standing is Standing.CALLED


def test_a_car_that_is_there_already() -> None:
    """What a number said of a car is the member's who joins with it."""
    site = ask(park(ways={PHONE: Way(PHONE)}), PHONE, In("1")).site
    stays = [one.stay for one in joined(site).ports.values()]
    assert [one.driver for one in stays if one is not None] == [ANA, None]
