"""What the concierge says: one set of words for every platform.

A platform lends its `Markup`; whatever people typed goes through `markup.escape`.
Messages are short, kind, and say what to do next. `text` says it all; buttons only
save typing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from chalicelib.core import effects as say
from chalicelib.core.effects import Effect, News, Refusal, Withdrawal
from chalicelib.core.model import Entry, Port, Site, Status

LIST_LENGTH = 60  # drivers shown by `list`; a longer line is summed up


class Markup(Protocol):
    """How a platform writes."""

    command: str  # what people type before the verb: "/ev"

    def escape(self, text: str) -> str:
        """Text typed by people, made harmless."""

    def bold(self, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Button:
    """`value` is `SITE:NUMBER`, read back by `parsing.parse_button`."""

    label: str
    action: str
    value: str


@dataclass(frozen=True, slots=True)
class Words:
    """A message ready for a platform: marked-up text, and buttons."""

    text: str
    buttons: tuple[Button, ...] = ()


STORE_DOWN = "I can't reach my notes right now, nothing was changed — try again in a minute."
BUSY = "Everybody is talking to me at once; nothing was changed — please try again."
NO_SITE = "This channel has no charging site. Ask whoever runs the concierge to add it."
NEWER = (
    "My notes were written by a newer version of me, so I left them alone. Please tell an admin."
)
STRANGE_BUTTON = "That button isn't one of mine any more. {command} status shows where you stand."


def words(effect: Effect, site: Site, markup: Markup) -> Words:
    """The effect in words, as the site stands."""
    speaker = Speaker(site, markup)
    return speaker.words(effect)


class Speaker:
    """One site, one platform: names, times and places in its words."""

    def __init__(self, site: Site, markup: Markup) -> None:
        self.site = site
        self.markup = markup
        self.ev = markup.command

    # --- the small words --------------------------------------------------------

    def name(self, driver: str | None) -> str:
        """A person without a ping."""
        person = self.site.people.get(driver) if driver is not None else None
        if person is None or not person.name:
            return "somebody"
        return self.markup.escape(person.name[:1].upper() + person.name[1:])

    def port(self, port_id: str | None) -> str:
        """`port 2`."""
        port = self.site.ports.get(port_id) if port_id is not None else None
        return f"port {port.label}" if port is not None else "a port"

    def at(self, moment: datetime | None) -> str:
        """The time of day on the site's clock, `15:04`."""
        if moment is None:
            return "soon"
        return moment.astimezone(ZoneInfo(self.site.timezone)).strftime("%H:%M")

    def button(self, label: str, action: str, number: int = 0) -> Button:
        return Button(label, action, f"{self.site.id}:{number}")

    # --- every effect --------------------------------------------------------------

    def words(self, effect: Effect) -> Words:
        match effect:
            case say.Called():
                return self.called(effect)
            case say.Coming(_, port, turn, deadline):
                return Words(
                    f"See you at {self.port(port)}. It's kept for you until {self.at(deadline)}.",
                    (self.button("Pass", "pass", turn), self.button("Leave", "leave", turn)),
                )
            case say.Lapsed(_, port):
                return Words(
                    f"Your turn on {self.port(port)} has gone to the next in line. "
                    f"Your place is kept: {self.ev} resume when you can come.",
                    (self.button("I'm back", "resume"),),
                )
            case say.Refused():
                return Words(self.refused(effect))
            case say.Line():
                return Words("\n".join(self.line()))
            case say.Ports(driver):
                return Words("\n".join(self.status(driver)))
            case say.Help(unknown, nearest):
                return Words(self.help(unknown, nearest))
            case _:
                return Words(self.sentence(effect))

    def sentence(self, effect: Effect) -> str:
        """The effects that are one line."""
        match effect:
            case say.Added(driver, place, port):
                who = self.name(driver)
                if port is not None:
                    return f"{who} is called to {self.port(port)} right away."
                return f"{who} is number {place} in line."
            case say.YourPlace(_, place, port):
                if port is not None:
                    return f"It's your turn: {self.port(port)} is waiting for you."
                return f"You're in line already: number {place}."
            case say.Resumed(_, place, port):
                if port is not None:
                    return f"Welcome back — {self.port(port)} is free, and it's your turn."
                return f"Welcome back: you're number {place} in line."
            case say.Removed(_, port):
                passed = f" {self.port(port).capitalize()} goes on." if port is not None else ""
                return f"You're out of the line.{passed}"
            case say.Suspended(_, until, port):
                end = f"until {self.at(until)}" if until is not None else f"until {self.ev} resume"
                passed = f" {self.port(port).capitalize()} goes on." if port is not None else ""
                return f"Your place is kept and others may pass, {end}.{passed}"
            case say.Passed(_, port):
                return (
                    f"Passed on. Your place is kept; I'll call you again once {self.port(port)} "
                    "has been used, or in half an hour."
                )
            case say.MovedOn(driver, by, port):
                return f"{self.name(by)} moved us on: {self.name(driver)} keeps the place, {self.port(port)} goes to the next."  # fmt: skip
            case say.WhoIsNext(driver):
                return f"{self.name(driver)} is next." if driver else "Nobody is waiting."
            case say.Repeated():
                return "I had that one already, and did it once."
            case say.NextUp():
                return f"You're next. If you can't come soon: {self.ev} suspend 45m."
            case say.Withdrawn(_, port, why, by):
                return self.withdrawn(port, why, by)
            case say.TurnPassed(_, port, by):
                return f"{self.name(by)} passed your turn on {self.port(port)} on. Your place is kept."
            case say.SuspensionOver(_, place):
                return f"Your break is over: you're number {place} in line."
            case say.PluggedIn(_, port):
                return f"You're charging on {self.port(port)}, so I took you off the line."
            case say.PortPost(_, port, news, driver):
                return self.port_post(port, news, driver)
            case say.SightLost(since):
                return (
                    f"I can't see the chargers since {self.at(since)}. Nobody is called and no "
                    "turn runs out until I can."
                )
            case say.SightBack():
                return "I can see the chargers again. Whoever is called has the full time."
            case say.Undelivered(to, reason):
                return f"I can't write to {self.addressee(to)} ({self.markup.escape(reason)}). I won't try again and again."
            case (
                say.Called() | say.Coming() | say.Lapsed() | say.Refused() | say.Line()
                | say.Ports() | say.Help()
            ):  # fmt: skip
                raise AssertionError(effect)  # has more than a line
            case never:
                assert_never(never)

    def called(self, call: say.Called) -> Words:
        turn = call.turn
        text = f"It's your turn: plug in at {self.port(call.port)} by {self.at(call.deadline)}."
        if call.instead_of is not None:
            text = (
                f"{self.name(call.taken_by)} plugged in at {self.port(call.instead_of)}, so your "
                f"turn moved: plug in at {self.port(call.port)} by {self.at(call.deadline)}."
            )
        return Words(
            text,
            (
                self.button("On my way", "on_my_way", turn),
                self.button("Pass", "pass", turn),
                self.button("Leave", "leave", turn),
            ),
        )

    def withdrawn(self, port: str, why: Withdrawal, by: str | None) -> str:
        match why:
            case Withdrawal.DARK:
                cause = f"{self.port(port).capitalize()} can't be reached"
            case Withdrawal.TAKEN:
                who = self.name(by).capitalize() if by is not None else "Somebody I don't know"
                cause = f"{who} plugged in at {self.port(port)}"
            case never:
                assert_never(never)
        return (
            f"{cause}, so your turn there is off. You have your old place and the next free port."
        )

    def port_post(self, port: str, news: News, driver: str | None) -> str:
        where = self.port(port).capitalize()
        match news:
            case News.FREE:
                return f"{where} is free."
            case News.CALLED:
                return f"{where} is free: {self.name(driver)} is called."
            case News.COMING:
                return f"{where} is free: {self.name(driver)} is on the way."
            case News.CHARGING:
                who = self.name(driver) if driver is not None else "a car I don't know"
                return f"{where}: {who} is charging."
            case News.DARK:
                return f"{where} can't be reached."
            case never:
                assert_never(never)

    def refused(self, no: say.Refused) -> str:
        match no.why:
            case Refusal.CHARGING:
                return f"Your car is on {self.port(no.port)}: nothing to wait for. Once it's unplugged, {self.ev} add."
            case Refusal.NOT_IN_LINE:
                return f"You're not in line. {self.ev} add puts you there."
            case Refusal.NOT_SUSPENDED:
                return "Your place isn't suspended; you'll be called as usual."
            case Refusal.NOT_CALLED:
                return f"That turn is over. {self.ev} status shows where you stand."
            case Refusal.ALREADY_COMING:
                return f"I know, you're on your way to {self.port(no.port)}. The time doesn't grow twice."
            case Refusal.PAST:
                return f"That time has passed already. Try {self.ev} suspend 45m."
            case Refusal.TOO_SOON:
                when = f"from {self.at(no.at)} on" if no.at is not None else "in a while"
                return f"{self.name(no.other)} is called to {self.port(no.port)} and still has time; anyone may pass the turn on {when}."
            case never:
                assert_never(never)

    def addressee(self, to: str) -> str:
        person = self.site.people.get(to)
        return self.name(to) if person is not None else self.markup.escape(to)

    # --- the longer answers ---------------------------------------------------------------

    def line(self) -> Iterator[str]:
        """`list`: the whole line and every port."""
        yield self.markup.bold(self.markup.escape(self.site.name))
        yield from self.ports()
        waiting = [entry for entry in self.site.queue if entry.turn is None]
        if not waiting:
            yield "Nobody is waiting."
        for place, entry in enumerate(waiting[:LIST_LENGTH], 1):
            yield f"{place}. {self.name(entry.driver)}{self.remark(entry)}"
        if len(waiting) > LIST_LENGTH:
            yield f"… and {len(waiting) - LIST_LENGTH} more."

    def remark(self, entry: Entry) -> str:
        if entry.suspended:
            end = f" until {self.at(entry.suspended_until)}" if entry.suspended_until else ""
            return f" (suspended{end})"
        return " (passed, sits out)" if entry.sits_out is not None else ""

    def ports(self) -> Iterator[str]:
        called = {entry.turn.port: entry for entry in self.site.queue if entry.turn is not None}
        if not self.site.ports:
            yield "I haven't seen the chargers yet."
        if self.site.blind:
            yield f"I can't see the chargers since {self.at(self.site.looked_at)}; this is how they were then."
        for port in self.site.ports.values():
            yield f"{self.port(port.id).capitalize()}: {self.state(port, called.get(port.id))}"

    def state(self, port: Port, holder: Entry | None) -> str:
        match port.status:
            case Status.INUSE:
                stay = port.stay
                who = self.name(stay.driver) if stay is not None and stay.driver else "in use"
                since = f" since {self.at(stay.since)}" if stay is not None else ""
                power = f", {port.load_kw:.1f} kW" if port.load_kw is not None else ""
                return f"{who}{since}{power}"
            case Status.AVAILABLE:
                if holder is None or holder.turn is None:
                    return "free"
                doing = "is on the way" if holder.turn.coming else "is called"
                until = f", until {self.at(holder.turn.deadline)}" if holder.turn.deadline else ""
                return f"free, {self.name(holder.driver)} {doing}{until}"
            case Status.UNREACHABLE:
                return "out of reach"
            case Status.UNKNOWN:
                return "unknown"
            case never:
                assert_never(never)

    def status(self, driver: str) -> Iterator[str]:
        """`status`: every port, and where I stand."""
        yield from self.ports()
        waiting = [entry for entry in self.site.queue if entry.turn is None]
        for place, entry in enumerate(waiting, 1):
            if entry.driver == driver:
                yield f"You're number {place} in line{self.remark(entry)}."
                return
        for entry in self.site.queue:
            if entry.driver == driver and entry.turn is not None:
                yield f"It's your turn: {self.port(entry.turn.port)}."
                return
        charging = [p for p in self.site.ports.values() if p.stay and p.stay.driver == driver]
        where = f"You're charging on {self.port(charging[0].id)}" if charging else "You're not in line"  # fmt: skip
        yield f"{where}; {len(waiting)} waiting."

    def help(self, unknown: str, nearest: str) -> str:
        lines = [f"`{self.ev} {phrase}` — {meaning}" for phrase, meaning in HELP]
        if unknown:
            guess = f" Did you mean `{self.ev} {nearest}`?" if nearest else ""
            lines.insert(0, f"I don't know “{self.markup.escape(unknown[:60])}”.{guess}")
        return "\n".join(lines)


HELP = (
    ("add", "stand in line; I call you when a charger is free"),
    ("remove", "leave the line"),
    ("list", "the line and the chargers"),
    ("status", "the chargers, and where you stand"),
    ("suspend 45m", "keep your place, let others pass (or `suspend until 3pm`)"),
    ("resume", "you can be called again"),
    ("next", "pass the turn on, or see who is next"),
    ("help", "this"),
)
