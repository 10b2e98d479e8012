"""Joining: a number becomes one of a person's addresses, by a code that came from it.

Nobody joins a number by typing it. A code is asked for in chat, or made by an admin for a
visitor; whoever texts it proves that the number is theirs. It is good once, and not for
long; who guesses isn't listened to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.core import acts, answers as say, hours, ways
from chalicelib.core.answers import Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.inputs import GetCode, Join, Notify
from chalicelib.core.model import Code, Guesses, Pending, Person, Way, What
from chalicelib.core.names import clean
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

CODE_LASTS = timedelta(minutes=15)
GUEST_CODE_LASTS = timedelta(hours=24)
LONGEST_VISIT = timedelta(days=30)
MOST_GUESSES = 10  # from one number …
LOCKED = timedelta(hours=1)  # … for so long
MOST_WRONG = 50  # from all numbers, while one code is good: then it is good no more
MOST_CODES = 50
MOST_WAYS = 500
MOST_GUESSERS = 200


def our_number(d: Draft) -> str:
    """The number that texts are sent to; "": the site has none."""
    return next((one.split(":")[1] for one in d.channels if one.startswith("sms:")), "")


def get_code(d: Draft, driver: str, wish: GetCode) -> Reply:
    """A code for my phone; the one before it is void."""
    number, until = our_number(d), d.now + CODE_LASTS
    if not number or not wish.code:
        return refuse(driver, Refusal.NO_TEXTS)
    offer(d, Code(wish.code, driver, until))
    return lambda: say.Coded(driver, wish.code, number, until)


def guest(d: Draft, by: str, act: acts.Guest) -> Reply:
    """A code for a visitor, who is known until a time; for today, if none was said."""
    number, until = our_number(d), d.now + GUEST_CODE_LASTS
    if not number or not act.code:
        return refuse(by, Refusal.NO_TEXTS)
    stays = hours.closing_after(d, d.now)
    if act.length is not None:
        stays = d.now + min(act.length, LONGEST_VISIT)
    elif act.until is not None:
        stays = hours.upcoming(d, act.until, d.now)
    if stays <= d.now:
        return refuse(by, Refusal.PAST)
    name = clean(act.name) or "Guest"
    until = min(until, stays)
    offer(d, Code(act.code, "", until, name, stays))
    return lambda: say.Coded(by, act.code, number, until, name, stays)


def offer(d: Draft, code: Code) -> None:
    others = [one for one in d.codes if not code.person or one.person != code.person]
    d.codes = (*others, code)[-MOST_CODES:]


def join(d: Draft, address: str, wish: Join) -> Reply:
    """The number joins whom the code was made for."""
    guesses = d.guesses.get(address)
    if guesses is not None and guesses.count >= MOST_GUESSES and d.now - guesses.since < LOCKED:
        return lambda: say.WrongCode(address, 0)
    code = next((one for one in d.codes if one.code == wish.code and one.until > d.now), None)
    if code is None:
        return guessed(d, address)
    d.codes = tuple(one for one in d.codes if one is not code)
    d.guesses = {who: one for who, one in d.guesses.items() if who != address}
    d.refused = {to: why for to, why in d.refused.items() if to != address}
    if not code.person:
        return visit(d, address, code)
    rest = {at: way for at, way in d.ways.items() if at != address}
    d.ways = dict(list({**rest, address: Way(code.person)}.items())[-MOST_WAYS:])
    become_one(d, address, code.person)
    d.note(What.JOINED, code.person, by=code.person)
    return lambda: say.Joined(code.person)


def visit(d: Draft, address: str, code: Code) -> Reply:
    """A visitor is known by the number itself."""
    d.ways = {**d.ways, address: Way(address, code.stays)}
    known = d.people.get(address, Person())
    d.people = {**d.people, address: replace(known, name=code.name)}
    d.note(What.JOINED, address)
    return lambda: say.Joined(address, guest=True)


def guessed(d: Draft, address: str) -> Reply:
    """No such code: the number has so many tries more, and so has everybody together."""
    before = d.guesses.get(address)
    if before is None or d.now - before.since >= LOCKED:
        before = Guesses(0, d.now)
    now = replace(before, count=before.count + 1)
    rest = {who: one for who, one in d.guesses.items() if who != address}
    d.guesses = dict(list({**rest, address: now}.items())[-MOST_GUESSERS:])
    wrong = (replace(one, wrong=one.wrong + 1) for one in d.codes)
    d.codes = tuple(one for one in wrong if one.wrong < MOST_WRONG)
    return lambda: say.WrongCode(address, MOST_GUESSES - now.count)


def become_one(d: Draft, old: str, person: str) -> None:
    """What was the number's is the person's: a place in line, the better of two, and a car."""
    if old == person:
        return
    mine, other = d.entry(person), d.entry(old)
    if other is not None and mine is None:
        d.queue = tuple(replace(one, driver=person) if one is other else one for one in d.queue)
    elif other is not None:
        d.end_turn(other)
        d.drop(old)
    for port in tuple(d.ports.values()):
        if port.stay is not None and port.stay.driver == old:
            d.put_port(replace(port, stay=replace(port.stay, driver=person)))
    calls = (replace(one, driver=person) if one.driver == old else one for one in d.calls)
    d.calls = tuple(calls)
    d.outbox = [said_of(person, old, one) for one in d.outbox]
    known = d.people.get(old)
    if known is not None:
        d.people = {who: one for who, one in d.people.items() if who != old}
        if known.ids:
            d.link(person, known.ids)


def said_of(person: str, old: str, pending: Pending) -> Pending:
    """What waits to be said of the number is said of the person: a call isn't lost."""
    about = getattr(pending.effect, "driver", None)
    if pending.claimed_until is not None or about != old:
        return pending
    effect: Any = pending.effect  # of any kind that has a driver
    return replace(pending, effect=replace(effect, driver=person))


def notify(d: Draft, driver: str, wish: Notify) -> Reply:
    """Where I'm told from now on: at my number or mailbox, or where I'm at home."""
    theirs = [at for at in ways.addresses(d, driver) if at.startswith(f"{wish.platform}:")]
    if wish.platform and not theirs:
        return refuse(driver, no_way(d, wish.platform))
    chosen = theirs[-1] if wish.platform else ""
    choose(d, driver, chosen)
    pending = d.refused.get(chosen) == ways.PENDING
    return lambda: say.Notified(driver, wish.platform, pending)


def no_way(d: Draft, platform: str) -> Refusal:
    """Why somebody can't be told so: they haven't joined it, or nobody can."""
    if platform == "mail":
        return Refusal.NO_MAIL_YET
    return Refusal.NO_PHONE if our_number(d) else Refusal.NO_TEXTS


def choose(d: Draft, driver: str, address: str) -> None:
    """They are told at this address of theirs from now on; "": where they are at home."""
    chosen = {at for at, way in d.ways.items() if way.person == driver and way.chosen}
    if chosen == ({address} if address else set()):
        return
    d.ways = {
        at: replace(way, chosen=at == address) if way.person == driver else way
        for at, way in d.ways.items()
    }


def prune(d: Draft) -> None:
    """Codes, visits and guesses that are over."""
    codes = tuple(one for one in d.codes if one.until > d.now)
    if len(codes) < len(d.codes):
        d.codes = codes
    over = {at for at, way in d.ways.items() if way.until is not None and way.until <= d.now}
    if over:
        d.ways = {at: way for at, way in d.ways.items() if at not in over}
    old = {who for who, one in d.guesses.items() if d.now - one.since >= LOCKED}
    if old:
        d.guesses = {who: one for who, one in d.guesses.items() if who not in old}
