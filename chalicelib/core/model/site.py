"""A site: the whole."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.core.effects import AccessProblem
from chalicelib.values import dataclass, field

from .boards import Board
from .line import CallMessage, Entry
from .outbox import Pending
from .people import Code, Guesses, Home, Person, Way
from .policy import Policy
from .ports import CapOrder, Port, Sensor, Stations
from .trail import Note, Undo, Word


@dataclass(frozen=True, slots=True)
class Site:
    """One car park: the whole aggregate, saved as one item under one `version`."""

    id: str
    name: str
    timezone: str = "UTC"
    version: int = 0  # 0: never saved
    channels: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    stations: Stations = Stations()
    meter: str = ""  # the building's
    icon: str = ""  # `:zap:` or an address: shown, with the name, where a platform allows it
    policy: Policy = Policy()
    people: dict[str, Person] = field(default_factory=dict)  # never mutated, replaced
    queue: tuple[Entry, ...] = ()
    ports: dict[str, Port] = field(default_factory=dict)  # by Port.id; never mutated
    looked_at: datetime | None = None  # the last good look
    blind: bool = False  # rule 23: sight is lost …
    blind_told: bool = False  # … and the channel knows
    hindrances: tuple[
        AccessProblem, ...
    ] = ()  # what the admins were told since the last good look
    caps: tuple[tuple[str, float], ...] = ()  # rule 21: (port, share) at the last look
    cap_order: CapOrder | None = None
    alarms: dict[str, str] = field(default_factory=dict)  # "station/number" -> kinds, as told
    caps_told: tuple[tuple[str, float], ...] = ()  # … and as the channel knows them
    outbox: tuple[Pending, ...] = ()
    posts: dict[str, str] = field(default_factory=dict)  # "post@channel" -> message ref
    calls: tuple[CallMessage, ...] = ()
    boards: tuple[Board, ...] = ()  # rule 43
    requests: dict[str, datetime] = field(default_factory=dict)  # replay protection
    refused: dict[str, str] = field(default_factory=dict)  # addresses that take no messages
    ways: dict[str, Way] = field(default_factory=dict)  # by address: numbers that were joined
    sensors: dict[str, Sensor] = field(default_factory=dict)  # by the meter's name
    alarm_to: tuple[str, ...] = ()  # who hears of what is broken, besides the admins
    codes: tuple[Code, ...] = ()  # that may be used
    guesses: dict[str, Guesses] = field(default_factory=dict)  # by address
    homes: dict[str, Home] = field(default_factory=dict)  # by person: open Home tabs
    trail: tuple[Note, ...] = ()
    undo: Undo | None = None
    stepped_at: datetime | None = None  # the last step that changed something
    late: tuple[int, ...] = ()  # rule 32: minutes from a stay's end to the unplugging, lately
    unsaid: tuple[int, ...] = ()  # … of those who said no need: from when they were guessed to go
    turnover: tuple[int, ...] = ()  # from there to the next plug, while somebody waited
    missed: tuple[int, ...] = ()  # … and of the last calls each that was missed: 1
    word: tuple[Word, ...] = ()  # of the last weeks
    reported: date | None = None  # the day of the last weekly report, said or passed over
    setup: int = 0  # how far `admin setup` has come
    serial: int = 0  # the last id given to a turn, a post or a pending effect
