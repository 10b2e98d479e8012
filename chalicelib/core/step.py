"""The one function: `step(site, given, now) -> Outcome`, and when to wake next.

    given ──► the draft is changed ──► due rules, again and again until none acts ──► Outcome

Some rules follow from an input (a wish, a look, a receipt), others from the state and
the time alone: "a port is free *and* someone waits". The second kind are the due rules.
A tick is an input that has only those.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.values import dataclass, replace

from . import hours, outbox, ways
from .answers import PUBLIC, Answer, Did, FormOf, Line, Refusal, Refused, Repeated
from .boards import is_public
from .bounds import bounded
from .draft import Draft, channel_key
from .due import Due
from .effects import CallOver, LookAgain
from .inputs import (
    Alarmed,
    Asked,
    Claimed,
    Delivered,
    Granted,
    Hindered,
    Input,
    Introduced,
    Observed,
    Postponed,
    Reported,
    Sensed,
    Silenced,
    Tick,
    Undeliverable,
)
from .model import HOME, Pending, Person, Port, Site, Status
from .names import named
from .rules import (
    DUE,
    alarms,
    boards,
    charging,
    closing,
    departing,
    homes,
    joining,
    leaving,
    line,
    plugging,
    reach,
    sensors,
    sight,
    stations as granted,
    turns,
    wishes,
)

MOST_ACTS = 10_000  # of one step; a whole line has not a tenth of them
MOST_REQUESTS = 1_000  # names of requests; who sends more than two a second floods
MOST_REFUSED = 200  # addresses that take no messages
MOST_PEOPLE = 500  # whom the site knows; those with a place, a car or a card besides
MOST_ANSWERS = 100  # that wait, of all people together
DEEDS = 5  # of one admin that wait for one address
NIGHTLY = (closing.clear_line, closing.empty_ports, charging.begin_day)
REMEMBER_REQUESTS = timedelta(minutes=15)  # Slack takes a signature for five, tries events for six


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step. `site` is the very object given when nothing was changed; where it
    was, `deadline` is its `next_deadline`: settling has asked all rules already.
    """

    site: Site
    answer: Answer | None = None
    look: LookAgain | None = None
    deadline: datetime | None = None


def step(site: Site, given: Input, now: datetime) -> Outcome:
    """Give the site one input at `now`. Pure: the same arguments, the same outcome."""
    d = Draft(site, now)
    given = bounded(given)
    if site.stepped_at is not None and hours.a_night_since(site, site.stepped_at, now):
        end_yesterday(d)
    match given:
        case Asked():
            return ask(d, given)
        case Observed():
            plugging.observe(d, given)
            deadline = settle(d)
            return Outcome(finish(d), look=look_again(d), deadline=deadline)
        case Claimed() | Delivered() | Postponed() | Undeliverable():
            outbox.receive(d, given)
        case Reported():
            outbox.reported(d, given)
        case Sensed():
            sensors.take_in(d, given)
        case Alarmed():
            alarms.take_in(d, given)
        case Hindered(why):
            sight.hinder(d, why)
        case Granted(stations):
            granted.move(d, stations)
        case Silenced(address, reason):
            reach.silence(d, address, reason)
        case Introduced(profiles, unasked):
            departing.introduce(d, profiles, unasked=unasked)
        case Tick():
            return tick(d)
    deadline = settle(d)
    return Outcome(finish(d), deadline=deadline)


def end_yesterday(d: Draft) -> None:
    """What the night does comes before what happens today, also where nobody ran us by night:
    who asks in the morning doesn't ask yesterday's line.
    """
    for rule in NIGHTLY:
        for due in list(rule(d)):
            if due.is_due(d):
                due.act()


def tick(d: Draft) -> Outcome:
    """Time has passed. A deadline slept through may have nothing left to do: then the
    step counts all the same, so that the next deadline lies ahead.
    """
    ahead = settle(d)
    site = finish(d)
    if site is d.before:
        deadline = next_deadline(site)
        if deadline is not None and deadline <= d.now:
            return Outcome(replace(site, stepped_at=d.now), deadline=ahead)
    return Outcome(site, deadline=ahead)


def settle(d: Draft) -> datetime | None:
    """Do what is due, the first of the list first, until nothing is; when something will be."""
    for _ in range(MOST_ACTS):
        later = []
        for one in every_due(d):
            if one.is_due(d):
                one.act()
                break
            later.append(one)
        else:
            if d.boards and d.is_changed and boards.review(d):
                continue
            return soonest(d, later)
    raise AssertionError("a due rule is due again and again")


def every_due(d: Draft) -> Iterator[Due]:
    """Whatever the rules would do as the site stands, in their order."""
    return (one for rule in DUE for one in rule.due(d))


def soonest(d: Draft, dues: list[Due]) -> datetime | None:
    """When the first of these may be done. What is said waits for working hours: of all that
    does, the earliest may be said first.
    """
    times = [one.at for one in dues if not one.spoken]
    spoken = min((one.at for one in dues if one.spoken), default=None)
    if spoken is not None:
        times.append(hours.next_speaking(d, max(spoken, d.now)))
    return min(times, default=None)


def finish(d: Draft) -> Site:
    """The step's site; a classic one shows the line whenever it changed (rule 20)."""
    if d.policy.classic and [e.driver for e in d.queue] != [e.driver for e in d.before.queue]:
        d.take_back(Line)
        d.announce(Line(""))
    leaving.book(d)
    if d.is_changed:
        prune(d)
    return d.freeze()


def prune(d: Draft) -> None:
    """What is kept for a while, or of many, is kept no longer, and of no more, than it serves."""
    oldest = d.now - REMEMBER_REQUESTS
    recent = {name: at for name, at in d.requests.items() if at > oldest}
    if len(recent) < len(d.requests) or len(recent) > MOST_REQUESTS:
        d.requests = dict(list(recent.items())[-MOST_REQUESTS:])
    if len(d.refused) > MOST_REFUSED:
        d.refused = dict(list(d.refused.items())[-MOST_REFUSED:])
    joining.prune(d)
    homes.prune(d)
    if len(d.people) > MOST_PEOPLE:
        forget_strangers(d)
    answers = [one.id for one in d.outbox if one.asker and one.claimed_until is None]
    if len(answers) > MOST_ANSWERS:
        gone = set(answers[:-MOST_ANSWERS])
        d.outbox = [one for one in d.outbox if one.id not in gone]


def forget_strangers(d: Draft) -> None:
    """Of people who have left nothing here but a name, the first go; who comes back is asked
    for it again.
    """
    here = {*d.admins, *(entry.driver for entry in d.queue)}
    here |= {way.person for way in d.ways.values()}
    here |= {port.stay.driver or "" for port in d.ports.values() if port.stay}
    spare = [
        driver
        for driver, person in d.people.items()
        if driver not in here and person == Person(person.name)
    ]
    gone = set(spare[: len(d.people) - MOST_PEOPLE])
    if gone:
        d.people = {who: person for who, person in d.people.items() if who not in gone}


def ask(d: Draft, asked: Asked) -> Outcome:
    """A person's wish, done once however often the request comes."""
    if asked.request and asked.request in d.before.requests:
        return Outcome(d.before, Repeated())
    spoken = ways.as_person(d, asked, d.now)
    if spoken is None:
        return Outcome(d.before, Refused(asked.driver, Refusal.NO_MEMBER))
    address, asked = asked.driver, spoken
    d.people = met = introduced(d.people, asked)
    reply = wishes.do(d, asked)
    reach.hear(d, asked.driver, address)
    pressed = getattr(asked.wish, "turn", None)
    if pressed is not None:
        held = d.turn(asked.driver)
        if held is None or held.id != pressed:
            turns.forget_call(d, CallOver(asked.driver, pressed))  # the answer takes its place
    homes.acted(d, asked.driver)
    deadline = settle(d)
    answer = reply()
    if isinstance(answer, Refused):
        d = Draft(d.before, d.now)  # a refusal changes nothing
        deadline = soonest(d, list(every_due(d)))
    speak(d, asked, answer)
    line.hint(d, asked.driver)
    if d.people is met:
        d.people = d.before.people  # who only looks isn't worth a write
    if d.is_changed:
        remember(d, asked, met)
    return Outcome(finish(d), answer, deadline=deadline)


def introduced(people: dict[str, Person], asked: Asked) -> dict[str, Person]:
    """The people with the asker, and those who were named, under the names they chose."""
    return departing.meet(named(people, asked.driver, asked.name, asked.handle), asked.profiles)


def speak(d: Draft, asked: Asked, answer: Answer) -> None:
    """The answer goes where the asker wants it; a public one to every channel besides."""
    if isinstance(answer, FormOf) or (asked.filled and isinstance(answer, Refused)):
        return
    public = is_public(d, answer, asked.public_to or asked.heard_in)
    to = asked.public_to if public and asked.public_to else asked.reply_to
    if asked.filled and public and d.speaks:
        to = None  # the channels are told, and that is enough
    if to is not None:
        answer_to(d, to, asked.driver, answer)
    if isinstance(answer, PUBLIC) and (to is not None or asked.heard_in):
        heard = {channel_key(one) for one in (to, asked.heard_in) if one}
        for channel in d.audience if d.speaks else ():
            if channel_key(channel) not in heard and is_public(d, answer, channel):
                answer_to(d, channel, asked.driver, answer)


def answer_to(d: Draft, to: str, asker: str, answer: Answer) -> None:
    """At most one answer waits for a person, and one of theirs for a channel: the newest. Of
    what admins did a few wait, for each is news.
    """
    is_deed = isinstance(answer, Did)
    rivals = [
        one.id
        for one in d.outbox
        if one.claimed_until is None
        and is_rival(d, one, to, asker)
        and isinstance(one.effect, Did) == is_deed
    ]
    gone = rivals[: max(0, len(rivals) + 1 - (DEEDS if is_deed else 1))]
    d.outbox = [one for one in d.outbox if one.id not in gone]
    d.send(to, answer, asker)


def is_rival(d: Draft, pending: Pending, to: str, asker: str) -> bool:
    """An answer to the same person, wherever it goes; in a channel, one that goes there."""
    if not pending.asker or pending.asker != asker:
        return False
    if pending.is_to_home is not to.endswith(HOME):
        return False
    return pending.to == to or not {pending.to, to} & set(d.channels)


def remember(d: Draft, asked: Asked, met: dict[str, Person]) -> None:
    """Keep the request's name against replays, and what the asker is called."""
    if d.people is d.before.people:
        d.people = met
    if asked.request:
        d.requests = {**d.requests, asked.request: d.now}


def look_again(d: Draft) -> LookAgain | None:
    """What looks free is looked at twice before anyone is called (rule 2), also while nobody
    waits: who comes next shouldn't wait for a look. A car that nobody knows is looked at
    once more before anyone is asked (rule 14).
    """
    wanted = [
        port.since + d.policy.confirm
        for port in d.ports.values()
        if port.since is not None and port.since + d.policy.confirm > d.now and is_unsure(d, port)
    ]
    return LookAgain(min(wanted)) if wanted else None


def is_unsure(d: Draft, port: Port) -> bool:
    if port.status is Status.AVAILABLE:
        return not d.is_free(port)
    stay = port.stay
    return stay is not None and stay.driver is None and not stay.asked and bool(d.called())


def next_deadline(site: Site) -> datetime | None:
    """When a due rule will next have something to do; None: only an input can change it.

    It lies ahead of the last step: what was due then was done.
    """
    if site.stepped_at is None:
        return None
    d = Draft(site, site.stepped_at)
    return soonest(d, list(every_due(d)))
