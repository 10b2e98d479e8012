"""Working days as transcripts: `tests/days/*.txt`, readable by a driver, played as tests.

A transcript begins with who and what there is, then tells what happens and what is said:

    with 2 ports                       (also: `with 2 ports by hand`)
    with strangers fay                 nobody linked Fay's card yet
    with setting classic on            as `/ev admin set` takes it
    = Monday 2031-03-03                a new day begins
    09:02 ana> /ev add                 typed in the channel
    09:02     channel: …               said to all, `channel (edited)` is an edit
    09:02     channel's board: …       the message that shows it all, `(edited)` from then on
    09:02     bot→ana: …               to ana alone, `(only you)` in answer to her
    09:15 port 2 INUSE ana             what the chargers show from now on: also AVAILABLE,
                                       UNREACHABLE, INUSE ? (no id), INUSE ?4711 (an id nobody has)
    09:15 port 2 3.3 kW                what flows
    09:15 ports capped 3.3 kW          what the building allows; `ports uncapped`
    09:16 ana presses “On my way”      the latest such button that ana sees
    09:20 blind / 09:30 seeing         ChargePoint can't be reached; it can
    09:20 mute / 09:30 speaking        nor can the chat
    09:20 crash / 09:30 restart        nobody looks, ticks or speaks
    10:00 …                            time goes by

The chargers are looked at half past every minute, and whenever the core asks; messages
arrive at once. What is said stands under what it follows from. The whole text must come
out as it stands: `python -m tests.days.play --rewrite` writes down what is said now.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.chat.parsing import parse, parse_button
from chalicelib.chat.text.plain import TerminalMarkup, plain
from chalicelib.chat.text.wording import words
from chalicelib.core import next_deadline, outbox, step
from chalicelib.core.answers import Answer
from chalicelib.core.boards import board_of, is_public
from chalicelib.core.effects import BoardPost, CallOver, Effect
from chalicelib.core.inputs import (
    Asked,
    Claimed,
    Delivered,
    Input,
    Observed,
    PortSeen,
    Tick,
)
from chalicelib.core.model import Lane, Pending, Person, Port, Site, Stations, Status
from chalicelib.stores.codec import decode, encode
from chalicelib.values import replace
from tests.core.invariants import check_step

DAYS = Path(__file__).parent
ZONE = "America/Los_Angeles"
PLACE = "terminal:garage"
CHANNEL = f"{PLACE}:ev"
BOARD = board_of(CHANNEL)
NAMES = ("ana", "bob", "cleo", "dave", "eli", "fay", "gus", "hana")
ADMIN = f"{PLACE}:dave"
STATION = "1:900001"
MINUTE = timedelta(minutes=1)
SAID = re.compile(r"\d\d:\d\d {4,}\S|\s+\| ")
EVENT = re.compile(r"(\d\d:\d\d(?::\d\d)?) (.+)")
TYPED = re.compile(r"(\w+)> (.*)")
PRESSED = re.compile(r"(\w+) presses “(.+)”")
SEEN = re.compile(r"port (\d) (AVAILABLE|INUSE|UNREACHABLE|UNKNOWN)(?: (\??\w*))?")
FLOWS = re.compile(r"port (\d) (\d+\.\d) kW")
CAPPED = re.compile(r"ports (?:capped (\d+\.\d) kW|uncapped)")


class Car:
    """What a port shows."""

    def __init__(self) -> None:
        self.status, self.user, self.kw = Status.AVAILABLE, "", 0.0


class Transcript:
    """One day (or more), played as its text tells."""

    def __init__(self, text: str) -> None:
        self.lines = [line for line in text.splitlines() if not SAID.match(line)]
        self.said: list[str] = []  # and not yet written down
        self.buttons: list[tuple[str, str, str, str]] = []  # who sees it, label, action, value
        self.cars: dict[str, Car] = {}
        self.cap: float | None = None
        self.up = self.sees = self.speaks = True
        self.extra_look: datetime | None = None
        self.now = datetime(2031, 1, 1, tzinfo=UTC)
        people = {f"{PLACE}:{name}": Person(name, (card(name),)) for name in NAMES}
        self.site = Site(
            "hq", "HQ garage", timezone=ZONE, channels=(CHANNEL,), admins=(ADMIN,),
            stations=Stations(ids=(STATION,)), people=people,
        )  # fmt: skip

    def play(self) -> str:
        """The whole text, with everything that is said."""
        written: list[str] = []
        waiting: list[str] = []  # blank lines and comments: they belong to what follows
        for line in self.lines:
            if not (event := EVENT.fullmatch(line)) and not line.startswith(("=", "with ")):
                waiting.append(line)
                continue
            self.advance(self.moment(event.group(1)) if event else self.midnight(line))
            written += [*self.take_said(), *waiting, line]
            waiting = []
            self.happen(event.group(2)) if event else self.begin(line)
            written += self.take_said()
        return "\n".join([*written, *waiting]) + "\n"

    def take_said(self) -> list[str]:
        said, self.said = self.said, []
        return said

    # --- before the day ------------------------------------------------------------------

    def begin(self, line: str) -> None:
        match line.split():
            case ["=", weekday, day]:
                if f"{date.fromisoformat(day):%A}" != weekday:
                    raise ValueError(f"no {weekday}: {day}")
            case ["with", count, ("port" | "ports")]:
                self.cars = {str(n): Car() for n in range(1, int(count) + 1)}
            case ["with", count, ("port" | "ports"), "by", "hand"]:
                labels = tuple(str(n) for n in range(1, int(count) + 1))
                ports = {f"manual/{n}": Port(f"manual/{n}", n, Status.AVAILABLE, vouched=True) for n in labels}  # fmt: skip
                self.site = replace(self.site, stations=Stations(manual=labels), ports=ports)
            case ["with", "strangers", *names]:
                unlinked = {
                    f"{PLACE}:{name.strip(',')}": Person(name.strip(",")) for name in names
                }
                self.site = replace(self.site, people={**self.site.people, **unlinked})
            case ["with", "setting", key, value]:
                wish = parse(f"admin set {key} {value}")
                done = step(self.site, Asked(ADMIN, wish), self.now)
                self.site = replace(self.site, policy=done.site.policy)
            case _:
                raise ValueError(f"not a line of a transcript: {line}")

    def midnight(self, line: str) -> datetime:
        """When the day of this line begins; now, for a line that begins none."""
        if not line.startswith("="):
            return self.now
        begins = local(date.fromisoformat(line[-10:]), time(0))
        if self.site.looked_at is None and self.site.stepped_at is None:
            self.now = begins  # nothing has happened yet
        return begins

    def moment(self, clock: str) -> datetime:
        return local(self.now.astimezone(ZoneInfo(ZONE)).date(), time.fromisoformat(clock))

    # --- time ------------------------------------------------------------------------------

    def advance(self, until: datetime) -> None:
        """Look every minute and tick whenever the core wants, until then."""
        if until < self.now:
            raise ValueError(f"{until} lies before {self.now}")
        while True:
            at, act = min(self.next_acts(), key=lambda pair: pair[0])
            if at >= until:
                self.now = until
                return
            self.now = max(at, self.now)
            act()
            self.deliver()

    def next_acts(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        half_past = self.now.replace(second=30, microsecond=0)
        yield half_past if half_past > self.now else half_past + MINUTE, self.look
        if self.extra_look is not None:
            yield max(self.extra_look, self.now + timedelta(seconds=1)), self.look
        deadline = next_deadline(self.site)
        if deadline is not None and self.up:
            yield deadline, self.tick

    def tick(self) -> None:
        self.give(Tick())

    def look(self) -> None:
        self.extra_look = None
        if self.up and self.sees and self.cars:
            self.give(Observed(self.now, tuple(self.port_seen(n) for n in self.cars)))

    def port_seen(self, number: str) -> PortSeen:
        car, cap = self.cars[number], self.cap
        kw = car.kw if cap is None else min(car.kw, cap)
        return PortSeen(
            STATION, number, car.status, kw if car.status is Status.INUSE else 0.0, car.user,
            capped=cap is not None, allowed_kw=cap,
        )  # fmt: skip

    def give(self, given: Input) -> Answer | None:
        before = self.site
        outcome = step(before, given, self.now)
        check_step(before, given, outcome, self.now)
        self.site = outcome.site
        if outcome.look is not None:
            self.extra_look = outcome.look.at
        return outcome.answer

    # --- what happens -------------------------------------------------------------------------

    def happen(self, what: str) -> None:
        if match := TYPED.fullmatch(what):
            self.type(match[1], match[2])
        elif match := PRESSED.fullmatch(what):
            self.press(match[1], match[2])
        elif match := SEEN.fullmatch(what):
            self.show(self.cars[match[1]], Status(match[2]), match[3] or "")
        elif match := FLOWS.fullmatch(what):
            self.cars[match[1]].kw = float(match[2])
        elif match := CAPPED.fullmatch(what):
            self.cap = float(match[1]) if match[1] else None
        else:
            self.switch(what)
        self.deliver()

    def switch(self, what: str) -> None:
        match what.split():
            case ["crash"]:
                self.up = False
            case ["restart"]:
                self.up, self.site = True, decode(encode(self.site))
                self.look()
            case ["blind" | "seeing" as sight]:
                self.sees = sight == "seeing"
            case ["mute" | "speaking" as voice]:
                self.speaks = voice == "speaking"
            case ["…"]:
                pass
            case _:
                raise ValueError(f"not an event: {what}")

    def type(self, name: str, text: str) -> None:
        asked = Asked(f"{PLACE}:{name}", parse(text, PLACE), name, heard_in=CHANNEL)
        answer = self.give(asked)
        if answer is None:
            raise AssertionError("silence is a failure")
        public = is_public(self.site, answer, CHANNEL)
        self.write("channel" if public else f"bot→{name} (only you)", answer)

    def press(self, name: str, label: str) -> None:
        seen = [b for b in self.buttons if b[0] in (name, "channel") and b[1] == label]
        if not seen:
            raise ValueError(f"{name} sees no such button: {label}")
        button = parse_button(*seen[-1][2:])
        if button is None:
            raise ValueError(f"a button that nobody can read: {seen[-1]}")
        driver = f"{PLACE}:{name}"
        self.give(Asked(driver, button.wish, name, reply_to=driver))

    def show(self, car: Car, status: Status, who: str) -> None:
        came = status is Status.INUSE and car.status is not Status.INUSE
        car.status, car.kw = status, 6.6 if came else car.kw
        car.user = (who[1:] if who.startswith("?") else card(who)) if who else ""

    # --- what is said --------------------------------------------------------------------------

    def deliver(self) -> None:
        while self.up and self.speaks and (heads := outbox.heads(self.site, Lane.CHAT)):
            self.give(Claimed(heads[0].id, self.now + MINUTE))
            claimed = outbox.find(self.site, heads[0].id)
            if claimed is None and isinstance(heads[0].effect, BoardPost):
                continue  # it shows that already
            if claimed is None:
                raise AssertionError("a claimed message is gone")
            self.write(self.heading(claimed), claimed.effect)
            there = outbox.edits(self.site, claimed) if claimed.to == BOARD else None
            self.give(Delivered(claimed.id, there or f"ts{claimed.id}"))

    def heading(self, pending: Pending) -> str:
        if pending.to == BOARD:
            return (
                "channel's board (edited)"
                if outbox.edits(self.site, pending)
                else "channel's board"
            )
        if pending.to == CHANNEL:
            return "channel (edited)" if outbox.edits(self.site, pending) else "channel"
        alone = " (only you)" if isinstance(pending.effect, Answer) else ""
        alone = " (edited)" if isinstance(pending.effect, CallOver) else alone
        return f"bot→{pending.to.removeprefix(f'{PLACE}:')}{alone}"

    def write(self, to: str, effect: Effect) -> None:
        reader = "channel" if to.startswith("channel") else to.removeprefix("bot→").split()[0]
        spoken = words(effect, self.site, TerminalMarkup(), to=f"{PLACE}:{reader}")
        self.buttons += [(reader, b.label, b.action, b.value) for b in spoken.buttons]
        here = self.now.astimezone(ZoneInfo(ZONE))
        first, *more = plain(spoken).split("\n")
        self.said.append(f"{here:%H:%M}     {to}: {first}")
        self.said += [f"          | {line}" for line in more]


def local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(ZONE)).astimezone(UTC)


def card(name: str) -> str:
    """The charging network's id of a person."""
    return f"70000{NAMES.index(name)}"


def transcripts() -> list[Path]:
    return sorted(DAYS.glob("*.txt"))


def main(arguments: list[str]) -> int:
    """Say which transcripts come out otherwise; `--rewrite` writes them down as they do."""
    changed = 0
    for path in transcripts():
        text = path.read_text(encoding="utf-8")
        played = Transcript(text).play()
        if played == text:
            continue
        changed += 1
        print(f"{'rewritten' if '--rewrite' in arguments else 'differs'}: {path.name}")
        if "--rewrite" in arguments:
            path.write_text(played, encoding="utf-8")
    return 0 if "--rewrite" in arguments else min(changed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
