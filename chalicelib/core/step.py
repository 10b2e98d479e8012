"""The one function: `step(site, given, now) -> Outcome`, and when to wake next.

    given ──► the draft is changed ──► due rules, again and again until none acts ──► Outcome

Some rules follow from an input (a wish, a look, a receipt), others from the state and
the time alone: "a port is free *and* someone waits". The second kind are the due rules.
A tick is an input that has only those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import outbox
from .answers import PUBLIC, Answer, Line, Refused, Repeated
from .bounds import bounded
from .draft import Draft, named
from .effects import LookAgain
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
    Tick,
    Undeliverable,
)
from .model import Port, Site, Status
from .rules import DUE, alarms, line, plugging, sight
from .rules import stations as grant

MOST_ACTS = 10_000  # of one step; a whole line has not a tenth of them
REMEMBER_REQUESTS = timedelta(minutes=6)  # Slack accepts a signature for five


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step. `site` is the very object given when nothing was changed."""

    site: Site
    answer: Answer | None = None
    look: LookAgain | None = None


def step(site: Site, given: Input, now: datetime) -> Outcome:
    """Give the site one input at `now`. Pure: the same arguments, the same outcome."""
    d = Draft(site, now)
    given = bounded(given)
    match given:
        case Asked():
            return ask(d, given)
        case Observed():
            plugging.observe(d, given)
            settle(d)
            return Outcome(finish(d), look=look_again(d))
        case Claimed() | Delivered() | Postponed() | Undeliverable():
            outbox.receive(d, given)
        case Alarmed():
            alarms.take_in(d, given)
        case Hindered(why):
            sight.hinder(d, why)
        case Granted(stations):
            grant.move(d, stations)
        case Introduced(names):
            for driver, name in names:
                d.people = named(d.people, driver, name)
        case Tick():
            return tick(d)
    settle(d)
    return Outcome(finish(d))


def tick(d: Draft) -> Outcome:
    """Time has passed. A deadline slept through may have nothing left to do: then the
    step counts all the same, so that the next deadline lies ahead.
    """
    settle(d)
    site = finish(d)
    if site is d.before:
        deadline = next_deadline(site)
        if deadline is not None and deadline <= d.now:
            return Outcome(replace(site, stepped_at=d.now))
    return Outcome(site)


def settle(d: Draft) -> None:
    """Do what is due, the first of the list first, until nothing is."""
    for _ in range(MOST_ACTS):
        due = next((one for rule in DUE for one in rule.due(d) if one.is_due(d)), None)
        if due is None:
            return
        due.act()
    raise AssertionError("a due rule is due again and again")


def finish(d: Draft) -> Site:
    """The step's site; a classic one shows the line whenever it changed (rule 20)."""
    if d.policy.classic and [e.driver for e in d.queue] != [e.driver for e in d.before.queue]:
        d.take_back(Line)
        d.announce(Line(""))
    return d.freeze()


def ask(d: Draft, asked: Asked) -> Outcome:
    """A person's wish, done once however often the request comes."""
    if asked.request and asked.request in d.before.requests:
        return Outcome(d.before, Repeated())
    reply = line.wish(d, asked)
    settle(d)
    answer = reply()
    if isinstance(answer, Refused):
        d = Draft(d.before, d.now)  # a refusal changes nothing
    speak(d, asked, answer)
    if d.is_changed:
        remember(d, asked)
    return Outcome(finish(d), answer)


def speak(d: Draft, asked: Asked, answer: Answer) -> None:
    """The answer goes where the asker wants it; a public one to every channel besides."""
    public = isinstance(answer, PUBLIC)
    to = asked.public_to if public and asked.public_to else asked.reply_to
    if to is not None:
        d.send(to, answer)
    if public and (to is not None or asked.heard_in):
        for channel in d.before.channels if d.speaks else ():
            if channel not in (to, asked.heard_in):
                d.send(channel, answer)


def remember(d: Draft, asked: Asked) -> None:
    """Keep the request's name against replays, and the driver's against "somebody"."""
    d.people = named(d.people, asked.driver, asked.name)
    if asked.request:
        recent = {**d.requests, asked.request: d.now}
        while recent[oldest := next(iter(recent))] <= d.now - REMEMBER_REQUESTS:
            del recent[oldest]
        d.requests = recent


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
    return min((one.when(d) for rule in DUE for one in rule.due(d)), default=None)
