"""The one function: `step(site, given, now) -> Outcome`, and when to wake next.

    given ──► the draft is changed ──► due rules, again and again until none acts ──► Outcome

Some rules follow from an input (a wish, a look, a receipt), others from the state and
the time alone: "a port is free *and* someone waits". The second kind are the due rules.
A tick is an input that has only those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import line, outbox, plugs, sight, turns
from .draft import Draft, named
from .effects import Answer, LookAgain, Refused, Repeated
from .inputs import Asked, Claimed, Delivered, Input, Observed, Postponed, Tick, Undeliverable
from .model import Site, Status

DUE = (*sight.DUE, *turns.DUE)
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
    match given:
        case Asked():
            return ask(d, given)
        case Observed():
            plugs.observe(d, given)
            settle(d)
            return Outcome(d.freeze(), look=look_again(d))
        case Claimed() | Delivered() | Postponed() | Undeliverable():
            outbox.receive(d, given)
        case Tick():
            pass
    settle(d)
    return Outcome(d.freeze())


def settle(d: Draft) -> None:
    """Apply the due rules to a fixed point."""
    while any(rule(d) for rule in DUE):
        pass


def ask(d: Draft, asked: Asked) -> Outcome:
    """A person's wish, done once however often the request comes."""
    if asked.request and asked.request in d.before.requests:
        return Outcome(d.before, Repeated())
    reply = line.wish(d, asked)
    settle(d)
    answer = reply()
    if isinstance(answer, Refused):
        d = Draft(d.before, d.now)  # a refusal changes nothing
    elif d.freeze() is not d.before:
        remember(d, asked)
    if asked.reply_to is not None:
        d.send(asked.reply_to, answer)
    return Outcome(d.freeze(), answer)


def remember(d: Draft, asked: Asked) -> None:
    """Keep the request's name against replays, and the driver's against "somebody"."""
    d.people = named(d.people, asked.driver, asked.name)
    if asked.request:
        oldest = d.now - REMEMBER_REQUESTS
        recent = {name: at for name, at in d.requests.items() if at > oldest}
        d.requests = {**recent, asked.request: d.now}


def look_again(d: Draft) -> LookAgain | None:
    """A port that looks free is looked at twice before anyone is called (rule 2)."""
    wanted = [
        port.since + d.policy.confirm
        for port in d.ports.values()
        if port.status is Status.AVAILABLE
        and port.since is not None
        and not d.is_free(port)
        and (port.freed or d.first_eligible() is not None)
    ]
    return LookAgain(min(wanted)) if wanted else None


def next_deadline(site: Site) -> datetime | None:
    """When a due rule will next have something to do; None: only an input can change it.

    After a step it lies ahead of that step's `now`.
    """
    return min(_deadlines(site), default=None)


def _deadlines(site: Site) -> Iterator[datetime]:
    watched = site.stations.is_manual or (site.looked_at is not None and not site.blind)
    if watched and site.looked_at is not None:
        yield site.looked_at + site.policy.blind
    someone_waits = any(entry.is_eligible for entry in site.queue)
    for entry in site.queue:
        if entry.suspended_until is not None:
            yield entry.suspended_until
        if entry.sits_out_until is not None:
            yield entry.sits_out_until
        turn = entry.turn
        if turn is None or not watched:
            continue
        if turn.deadline is not None and someone_waits:
            yield turn.deadline
        port = site.ports.get(turn.port)
        if port is not None and port.status in turns.DARK and port.since is not None:
            yield port.since + site.policy.dark
