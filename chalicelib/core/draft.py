"""A site in the making: what the rules of one step work on.

A `Draft` is the only mutable thing in the core, and it does not outlive the step.
Rules read it, change it through the verbs below, and `freeze` gives the new site:
the very same object as before when nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from .effects import Called, Effect, Message, News, NextUp, PortPost
from .model import Entry, Lane, Note, Pending, Person, Port, Site, Status, Turn

TRAIL_LENGTH = 200
TRAIL_AGE = timedelta(hours=24)


class Draft:
    """One site during one step, at `now`."""

    def __init__(self, site: Site, now: datetime) -> None:
        self.before = site
        self.now = now
        self.policy = site.policy
        self.queue = list(site.queue)
        self.ports = dict(site.ports)
        self.outbox = list(site.outbox)
        self.people = site.people
        self.posts = site.posts
        self.requests = site.requests
        self.refused = site.refused
        self.looked_at = site.looked_at
        self.blind = site.blind
        self.notes: list[Note] = []
        self.serial = site.serial

    # --- asking ---------------------------------------------------------------

    def entry(self, driver: str) -> Entry | None:
        """The driver's entry, called or suspended ones included."""
        for entry in self.queue:
            if entry.driver == driver:
                return entry
        return None

    def place(self, driver: str) -> int:
        """The driver's number in line, as `list` counts: the called are not counted."""
        place = 1
        for entry in self.queue:
            if entry.driver == driver:
                break
            place += entry.turn is None
        return place

    def called(self) -> list[Entry]:
        """The entries that hold a turn, in the order of the line."""
        return [entry for entry in self.queue if entry.turn is not None]

    def holder(self, port_id: str) -> Entry | None:
        """Who is called to this port."""
        for entry in self.queue:
            if entry.turn is not None and entry.turn.port == port_id:
                return entry
        return None

    def turn_port(self, driver: str) -> str | None:
        """The port that the driver is called to."""
        entry = self.entry(driver)
        return entry.turn.port if entry is not None and entry.turn is not None else None

    def first_eligible(self) -> Entry | None:
        """Who would be called now."""
        for entry in self.queue:
            if entry.is_eligible:
                return entry
        return None

    def charging_at(self, driver: str) -> Port | None:
        """The port that this driver's car is on."""
        for port in self.ports.values():
            if port.stay is not None and port.stay.driver == driver:
                return port
        return None

    def is_free(self, port: Port) -> bool:
        """AVAILABLE on two looks far enough apart, or by a person's word (rule 2)."""
        if port.status is not Status.AVAILABLE or port.since is None or port.seen_at is None:
            return False
        return port.vouched or port.seen_at - port.since >= self.policy.confirm

    def free_ports(self) -> Iterator[Port]:
        """Free and unspoken for, in fresh sight."""
        if not self.sees:
            return
        spoken_for = {entry.turn.port for entry in self.queue if entry.turn is not None}
        for port in self.ports.values():
            if port.id not in spoken_for and self.is_free(port):
                yield port

    @property
    def sees(self) -> bool:
        """The last good look is fresh; at a manual site people's hands are the look."""
        if self.before.stations.is_manual:
            return True
        return (
            not self.blind
            and self.looked_at is not None
            and self.now - self.looked_at < self.policy.blind
        )

    # --- changing -------------------------------------------------------------

    def put(self, entry: Entry) -> None:
        """Replace the entry of the same driver."""
        for index, old in enumerate(self.queue):
            if old.driver == entry.driver:
                self.queue[index] = entry
                return

    def drop(self, driver: str) -> None:
        """Take the driver out of the line."""
        self.queue = [entry for entry in self.queue if entry.driver != driver]

    def put_port(self, port: Port) -> None:
        self.ports[port.id] = port

    def call(
        self, entry: Entry, port_id: str, instead_of: str | None = None, by: str | None = None
    ) -> None:
        """Give the driver a turn on the port, and say so (rules 7 and 15)."""
        turn = Turn(id=self.next_serial(), port=port_id, called_at=self.now)
        self.put(replace(entry, turn=turn, told_next=True))
        self.note("called", entry.driver, port=port_id)
        self.tell(
            entry.driver,
            Called(entry.driver, port_id, turn.id, self.policy.answer, None, instead_of, by),
        )
        self.post(port_id, News.CALLED, entry.driver)

    def end_turn(self, entry: Entry) -> Entry:
        """The entry without its turn; an unsent call is not sent. Not put back yet."""
        if entry.turn is None:
            return entry
        self.unsay(entry.turn)
        self.post(entry.turn.port, News.FREE)
        return replace(entry, turn=None)

    def unsay(self, turn: Turn) -> None:
        """A call that was not sent yet is not sent any more."""
        self.outbox = [
            pending
            for pending in self.outbox
            if pending.claimed_until is not None
            or not isinstance(pending.effect, Called)
            or pending.effect.turn != turn.id
        ]

    def note(self, what: str, driver: str = "", by: str = "", port: str = "") -> None:
        """Add a line to the trail."""
        self.notes.append(Note(self.now, what, driver, by, port))

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    # --- saying ---------------------------------------------------------------

    def send(self, to: str, effect: Effect) -> None:
        """Put a message for one address at the end of the chat lane."""
        self.outbox.append(Pending(self.next_serial(), Lane.CHAT, to, effect, self.now))

    def tell(self, driver: str, effect: Message) -> None:
        """To this person only."""
        self.send(driver, effect)

    def announce(self, effect: Message) -> None:
        """To every channel of the site."""
        for channel in self.before.channels:
            self.send(channel, effect)

    def tell_admins(self, effect: Message) -> None:
        for admin in self.before.admins:
            self.send(admin, effect)

    def post(self, port_id: str, news: News, driver: str | None = None) -> None:
        """Bring the port's channel post up to date, beginning one where there is none.

        A post that still waits to be sent is changed in place: the channel hears what
        is true now, once. News of a car ends the post; the next free stretch gets its own.
        """
        port = self.ports[port_id]
        if port.post is None and news in (News.FREE, News.DARK, News.CHARGING):
            return  # nothing was said, so there is nothing to correct
        post = port.post if port.post is not None else self.next_serial()
        ends = news is News.CHARGING
        self.ports[port_id] = replace(port, post=None if ends else post, freed=False)
        effect = PortPost(post, port_id, news, driver)
        waiting = False
        for index, pending in enumerate(self.outbox):
            if (
                pending.claimed_until is None
                and isinstance(pending.effect, PortPost)
                and pending.effect.post == post
            ):
                self.outbox[index] = replace(pending, effect=effect)
                waiting = True
        if not waiting:
            self.announce(effect)

    def tell_next(self) -> None:
        """A quiet word to the next in line, once for each place (rule 7)."""
        entry = self.first_eligible()
        if entry is not None and not entry.told_next:
            self.put(replace(entry, told_next=True))
            self.tell(entry.driver, NextUp(entry.driver))

    # --- the end --------------------------------------------------------------

    def freeze(self) -> Site:
        """The new site; the old object itself when nothing was changed."""
        before = self.before
        queue, outbox = tuple(self.queue), tuple(self.outbox)
        unchanged = (
            queue == before.queue
            and self.ports == before.ports
            and outbox == before.outbox
            and self.people is before.people
            and self.posts is before.posts
            and self.refused is before.refused
            and self.looked_at == before.looked_at
            and self.blind == before.blind
        )
        if unchanged:
            return before
        return replace(
            before,
            queue=queue,
            ports=self.ports,
            outbox=outbox,
            people=self.people,
            posts=self.posts,
            requests=self.requests,
            refused=self.refused,
            looked_at=self.looked_at,
            blind=self.blind,
            trail=self._trail(),
            serial=self.serial,
        )

    def _trail(self) -> tuple[Note, ...]:
        if not self.notes:
            return self.before.trail
        oldest = self.now - TRAIL_AGE
        kept = [note for note in self.before.trail if note.at > oldest]
        return tuple(kept + self.notes)[-TRAIL_LENGTH:]


def named(people: dict[str, Person], driver: str, name: str) -> dict[str, Person]:
    """The people with this driver known by this name; the same dict when they were."""
    person = people.get(driver, Person())
    if name and person.name != name:
        return {**people, driver: replace(person, name=name)}
    return people
