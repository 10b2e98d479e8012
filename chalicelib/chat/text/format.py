"""The small words: names, ports and times of one site, as one platform writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from chalicelib.chat.reading import MENTIONED
from chalicelib.core.answers import FormName
from chalicelib.core.card import Span
from chalicelib.core.draft import Draft
from chalicelib.core.model import Entry, Person, Port, Site, Tone
from chalicelib.core.names import EVERYBODY, namesakes
from chalicelib.energy.needs import Need
from chalicelib.values import dataclass

MOST_NAMED = 20  # people, or ports, in a sentence


class Markup(Protocol):
    """How a platform writes."""

    platform: str  # the first part of its addresses
    command: str  # what people type before the verb: "/ev"

    def escape(self, text: str) -> str:
        """Text typed by people, made harmless."""

    def bold(self, text: str) -> str: ...

    def mention(self, driver: str, name: str) -> str:
        """A person of this platform, with a ping: only for the one whom a message concerns.

        `name` is what the platform calls them, "" when we don't know.
        """


TYPED = {  # what to type where there are no buttons
    "on_my_way": "coming",
    "pass": "pass",
    "leave": "leave",
    "blocked": "blocked",
    "resume": "resume",
    "not_me": "not me",
    "remember": "remember",
    "more_minutes": "more",
    "moving": "moving",
    "not_yet": "not yet",
    "moving_soon": "moving in 15 min",
    "unplug_yes": "unplug yes",
    "unplug_no": "unplug no",
    "cannot_use": "can't use",
    "reset": "admin reset confirm",
    "leave_line": "remove",
    "pause": "suspend 45m",
}


@dataclass(frozen=True, slots=True)
class Button:
    """`value` is `SITE:NUMBER`, read back by `parsing.parse_button`; `typed` does the same."""

    label: str
    action: str
    value: str
    typed: str = ""
    confirm: str = ""  # asked before it counts, where the platform can


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars beside each other: for each of `labels` a value of each series."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str
    alt: str  # all of it in words, for who can't see it
    site: str  # whose report it is …
    span: Span  # … of which time


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, then rows; the first cell of each says what the row is."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """What goes along as a file."""

    name: str
    text: str
    title: str
    instead: str  # said where no file can be sent


@dataclass(frozen=True, slots=True)
class Words:
    """A message ready for a platform: marked-up text, and buttons.

    The text says it all; a chart and a table show it once more, where the platform can.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    chart: Chart | None = None
    table: Table | None = None
    file: File | None = None

    def typed_out(self, command: str) -> str:
        """The text for where there are no buttons: it says what to type instead."""
        ways = [f"`{command} {button.typed}`" for button in self.buttons if button.typed]
        hints = ", ".join(way for way in ways if way not in self.text)
        return f"{self.text} ({hints})" if hints else self.text


class Speech:
    """One site in the words of one platform, at `now`: no time that is past is said to come. Who
    reads alone (`reader`) has times as they like them (rule 41).
    """

    def __init__(
        self, site: Site, markup: Markup, now: datetime | None = None, reader: str = ""
    ) -> None:
        person = site.people.get(reader)
        wanted = person.preferences if person is not None else None
        self.twelve = wanted is not None and wanted.twelve
        self.site = site
        self.markup = markup
        self.now = now or site.stepped_at
        self.ev = markup.command
        self.to_admins = not reader or reader in site.admins  # who may type what admins type

    def escape(self, text: str) -> str:
        return self.markup.escape(text)

    def quoted(self, typed: str) -> str:
        """What somebody typed, made harmless, with people by their names."""
        return self.escape(MENTIONED.sub(lambda found: self.typed(found[1]), typed))

    def name(self, driver: str | None) -> str:
        """A person without a ping."""
        person = self.site.people.get(driver) if driver is not None else None
        name = (person.name or person.handle) if person is not None else ""
        if person is None or not name:
            return "Somebody"
        shown = name[:1].upper() + name[1:40]
        if name.casefold() in self._namesakes:
            shown = f"{shown} ({self._told_apart(driver or '', person)})"
        return self.escape(shown)

    def _told_apart(self, driver: str, person: Person) -> str:
        """What tells somebody from a namesake: the handle, and where two have one, the platform."""
        same = [
            other
            for other, one in self.site.people.items()
            if (one.name.casefold(), one.handle) == (person.name.casefold(), person.handle)
        ]
        tag = person.handle or f"…{driver[-4:]}"
        return tag if len(same) == 1 else f"{tag}, {driver.partition(':')[0]}"

    @cached_property
    def _namesakes(self) -> set[str]:
        """The names that need a handle to be told apart."""
        return namesakes(self.site.people)

    def one(self, driver: str | None) -> str:
        """A person without a ping, in the middle of a sentence."""
        name = self.name(driver)
        return "somebody" if name == "Somebody" else name

    def typed(self, driver: str) -> str:
        """How to name a person in a command, not escaped: `@Ana`, or by the handle where two are
        called so.
        """
        person = self.site.people.get(driver)
        if person is None or not (person.name or person.handle):
            return "@name"
        is_shared = person.name.casefold() in self._namesakes
        name = person.handle if is_shared and person.handle else person.name or person.handle
        return f"@{name}" if is_shared else f"@{name[:1].upper()}{name[1:40]}"

    def names(self, drivers: tuple[str, ...]) -> str:
        """`Ana, Bob and Cleo`."""
        return listed(drivers, self.name)

    def persons(self, addresses: tuple[str, ...]) -> str:
        """The same, as an admin needs them."""
        return listed(addresses, self.person)

    def ports(self, port_ids: Sequence[str]) -> str:
        """`port 1, port 2 and port 3`."""
        return listed(port_ids, self.port)

    def person(self, address: str) -> str:
        """A person or channel as an admin needs it: by name, or mentioned; never by address."""
        person = self.site.people.get(address)
        if person is not None and (person.name or person.handle):
            return self.name(address)
        if address.startswith("mail:") and address not in self.site.ways:
            return f"the mailbox {self.escape(address.rpartition(':')[2])}"
        if self.is_channel(address):
            return f"the channel on {self.escape(address.partition(':')[0].capitalize())}"
        return self.mention(address) if self.is_here(address) else "somebody"

    def is_channel(self, address: str) -> bool:
        """A channel of the site, or a thread in one."""
        return address.partition("/")[0] in self.site.channels

    def mention(self, driver: str) -> str:
        """A person with a ping, where they are of this platform."""
        if not self.is_here(driver):
            return self.name(driver)
        person = self.site.people.get(driver)
        name = (person.handle or person.name) if person is not None else ""
        return self.markup.mention(driver, name if name.casefold() not in EVERYBODY else "")

    def is_here(self, address: str) -> bool:
        """Whether that is somebody or somewhere on this platform."""
        return address.partition(":")[0] == self.markup.platform

    def port(self, port_id: str | None) -> str:
        """`port 2`."""
        port = self.site.ports.get(port_id) if port_id is not None else None
        return f"port {port.label}" if port is not None else "a port"

    @cached_property
    def line(self) -> tuple[Entry, ...]:
        """The line as it would be called (rule 37)."""
        at = self.now or self.site.stepped_at
        return tuple(Draft(self.site, at).in_calling_order()) if at else self.site.queue

    def old_place(self, driver: str) -> str:
        """Where somebody stands whose turn is off."""
        place = 1
        for entry in self.line:
            if entry.driver == driver:
                return f"You have your old place: number {place} in line."
            place += entry.turn is None
        return ""

    def stands(self, driver: str) -> bool:
        """In line, called or not."""
        return any(entry.driver == driver for entry in self.site.queue)

    def need_of(self, driver: str) -> Need | None:
        """What somebody in line has said they need."""
        return next((one.need for one in self.site.queue if one.driver == driver), None)

    def turn_until(self, driver: str) -> str:
        """` until 09:15`: how long the driver's turn is kept."""
        for entry in self.site.queue:
            if entry.driver == driver and entry.turn is not None:
                return self.until(entry.turn.deadline)
        return ""

    def waits_for_power(self, port_id: str) -> bool:
        """Whoever is plugged in there keeps a place in line (rule 21)."""
        port = self.site.ports.get(port_id)
        stay = port.stay if port is not None else None
        return stay is not None and any(stay.driver == one.driver for one in self.site.queue)

    def port_of(self, driver: str) -> Port | None:
        """The port that this driver's car is on."""
        for port in self.site.ports.values():
            if port.stay is not None and port.stay.driver == driver:
                return port
        return None

    def cars_of(self, driver: str) -> list[Port]:
        """The ports that this driver's cars are on."""
        ports = self.site.ports.values()
        return [one for one in ports if one.stay is not None and one.stay.driver == driver]

    def label(self, port_id: str) -> str:
        """What people type for a port: `2`."""
        port = self.site.ports.get(port_id)
        return self.escape(port.label if port is not None else port_id)

    def the_port(self, port_id: str | None) -> str:
        """`Port 2`, at the beginning of a sentence."""
        return self.port(port_id).capitalize()

    def at(self, moment: datetime | None) -> str:
        """The time of day on the site's clock, `15:04`."""
        if moment is None:
            return "soon"
        return self.clock(moment.astimezone(ZoneInfo(self.site.timezone)).time())

    def clock(self, time_of_day: time) -> str:
        """`15:04`, or `3:04 pm`."""
        if not self.twelve:
            return f"{time_of_day:%H:%M}"
        half = "am" if time_of_day.hour < 12 else "pm"
        return f"{time_of_day.hour % 12 or 12}:{time_of_day:%M} {half}"

    def dated(self, moment: datetime) -> str:
        """`09:15`, or `Fri 18:00` when that isn't today."""
        zone = ZoneInfo(self.site.timezone)
        today = (self.now or moment).astimezone(zone).date()
        day = "" if moment.astimezone(zone).date() == today else f"{moment.astimezone(zone):%a} "
        return day + self.at(moment)

    def until(self, deadline: datetime | None) -> str:
        """` until 09:15`, where a turn ends by itself, and that isn't past: one that nobody
        follows, or that nobody can see, goes on.
        """
        if deadline is None or not self.turns_lapse:
            return ""
        return f" until {self.at(deadline)}" if self.is_ahead(deadline) else ""

    def is_ahead(self, moment: datetime | None) -> bool:
        """Not past yet, as far as we know."""
        return moment is not None and (self.now is None or moment > self.now)

    @property
    def turns_lapse(self) -> bool:
        """Not in the classic house (rule 20)."""
        return not self.site.policy.classic

    def button(
        self, label: str, action: str, number: int = 0, typed: str = "", confirm: str = ""
    ) -> Button:
        return Button(label, action, f"{self.site.id}:{number}", typed or TYPED[action], confirm)

    def form(self, label: str, name: FormName) -> Button:
        """Opens a form; where there are none, the words say what to type."""
        return Button(label, f"form_{name}", f"{self.site.id}:0")

    def cheer(self, words: str) -> str:
        """A few words more, where the site likes it (`tone`)."""
        return f" {words}" if self.site.policy.tone is Tone.CHEERFUL else ""


def listed(those: Sequence[str], say: Callable[[str], str]) -> str:
    """`Ana, Bob and Cleo`; of many the first."""
    names = [say(one) for one in those[:MOST_NAMED]]
    if len(those) > len(names):
        return f"{', '.join(names)} and {len(those) - len(names)} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def cap_of(port: Port) -> str:
    """How the power of a port is limited, or "" (rule 21)."""
    if not port.capped:
        return ""
    if port.is_off:
        return "power turned off"
    if port.percent:
        return f"limited by {port.percent} %"
    return f"limited to {port.allowed_kw or 0:.1f} kW"


def length(of: timedelta) -> str:
    """`half an hour`, `20 minutes`."""
    minutes = of / timedelta(minutes=1)
    return "half an hour" if minutes == 30 else f"{minutes:g} minutes"


def people(count: int) -> str:
    """`nobody waits`, `one waits`, `3 wait`."""
    return {0: "nobody waits", 1: "one person waits"}.get(count, f"{count} people wait")
