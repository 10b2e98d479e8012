"""A site in the making: what the rules of one step work on.

A `Draft` is the only mutable thing in the core, and it does not outlive the step.
Rules read it (`reading`), say things (`saying`) and change it through the verbs below;
`freeze` (`fields`) gives the new site: the very same object as before when nothing was changed.
"""

from __future__ import annotations

from typing import Any

from chalicelib.core import courtesy, ways
from chalicelib.core.effects import Called, Message, News, NextUp, OfPlace
from chalicelib.core.model import NO_HABITS, Entry, Note, Person, Port, Status, Turn, What
from chalicelib.values import replace

from .saying import Saying, channel_key as channel_key


class Draft(Saying):
    """One site during one step, at `now`."""

    def put(self, entry: Entry) -> None:
        """Replace the entry of the same driver."""
        for at, old in enumerate(self.queue):
            if old.driver == entry.driver:
                self.queue = (*self.queue[:at], entry, *self.queue[at + 1 :])
                return

    def drop(self, driver: str) -> None:
        """Take the driver out of the line."""
        self.queue = tuple(entry for entry in self.queue if entry.driver != driver)

    def put_port(self, port: Port) -> None:
        self.ports[port.id] = port

    def call(
        self, entry: Entry, port_id: str, instead_of: str | None = None, by: str | None = None
    ) -> None:
        """Give the driver a turn on the port, and say so (rules 7 and 15)."""
        stay = self.ports[port_id].stay
        whose = stay.driver if stay is not None else None
        turn = Turn(
            id=self.next_serial(), port=port_id, called_at=self.now, unplugs=whose is not None
        )
        self.put(replace(entry.called(turn), told_next=True))
        self.note(What.CALLED, entry.driver, port=port_id)
        window = self.policy.answer
        call = Called(entry.driver, port_id, turn.id, window, None, instead_of, by, unplug=whose)
        aloud = self.called_in(entry.driver)
        if aloud:
            self.send(aloud, replace(call, aloud=True))
        else:
            self.tell(entry.driver, call)
        self.post(port_id, News.CALLED if whose is None else News.UNPLUGGABLE, entry.driver)

    def end_turn(self, entry: Entry) -> Entry:
        """The entry, waiting; an unsent call is not sent. Not put back yet."""
        if entry.turn is None:
            return entry
        self.unsay(entry.turn)
        port = self.ports[entry.turn.port]
        stay = port.stay
        if port.status is not Status.INUSE:
            self.post(port.id, News.FREE)
        elif stay is not None and (entry.turn.unplugs or not (stay.driver or stay.asked)):
            self.post(port.id, News.CHARGING, stay.driver)  # else the post says whose car
        return entry.waiting()

    def unsay(self, turn: Turn) -> None:
        """A call that was not sent yet is not sent any more."""
        self.outbox = [
            pending
            for pending in self.outbox
            if pending.claimed_until is not None
            or not isinstance(pending.effect, Called)
            or pending.effect.turn != turn.id
        ]

    def link(self, driver: str, ids: tuple[str, ...], by: str = "") -> None:
        """Remember ids of the charging network as this person's."""
        person = self.people.get(driver, Person())
        known = tuple(dict.fromkeys((*person.ids, *ids)))
        self.people = {**self.people, driver: replace(person, ids=known)}
        self.note(What.LINKED, driver, by=by or driver)

    def note(
        self, what: What, driver: str = "", by: str = "", port: str = "", detail: str = ""
    ) -> None:
        """Add a line to the trail."""
        self.notes.append(Note(self.now, what, driver, by, port, detail))

    def remember(self, driver: str, **more: Any) -> None:
        """Change what the site remembers of a driver (fields of `Habits`)."""
        person = self.people.get(driver, Person())
        habits = replace(person.habits or NO_HABITS, **more)
        self.people = {**self.people, driver: replace(person, habits=habits)}

    def remember_today(self, driver: str, **more: Any) -> None:
        """Change what this working day has been for a driver (fields of `DayOf`)."""
        self.remember(driver, today=replace(self.today(driver), **more))

    def tell(self, driver: str, effect: Message) -> None:
        """To this person only; a courtesy not to who wants none, or had enough (rule 41)."""
        weight = courtesy.weight(effect)
        if weight is not courtesy.Weight.UNCOUNTED:
            told = self.today(driver).told
            enough = told >= courtesy.MOST_A_DAY or self.wants_quiet(driver)
            if enough and weight is courtesy.Weight.COURTESY:
                return
            self.remember_today(driver, told=told + 1)
        self.send(ways.told_at(self, driver), effect)

    def tell_of_place(self, driver: str, word: OfPlace) -> None:
        """What concerns a place in line is said in one message, and that is edited as things go
        on: the call itself will make a sound.
        """
        entry, to = self.entry(driver), ways.told_at(self, driver)
        if entry is not None and f"{entry.word}@{to}" in self.posts:
            self.send(to, replace(word, post=entry.word or 0))
            return
        post = self.next_serial()
        if entry is not None:
            self.put(replace(entry, word=post))
        self.tell(driver, replace(word, post=post))

    def tell_admins(self, effect: Message) -> None:
        """A duty of theirs: never dropped, and not counted."""
        for admin in self.admins:
            self.send(ways.told_at(self, admin), effect)

    def tell_next(self) -> None:
        """A quiet word to the next in line, once for each place (rule 7)."""
        entry = self.first_eligible()
        if entry is not None and not entry.told_next:
            self.put(replace(entry, told_next=True))
            self.tell_of_place(entry.driver, NextUp(entry.driver))
