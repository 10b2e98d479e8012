"""The Home tab: my place, my need, my car, the ports, my settings, help; for admins the house.

In parts, each with its text and its buttons; the platform draws them. Nothing personal of
others stands there but what `list` shows to everybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core import hours
from chalicelib.core.answers import FOR_ADMINS, FormName, HomeTab
from chalicelib.core.model import NO_PREFERENCES, Entry, Port, Site
from chalicelib.core.rules.view import View
from chalicelib.values import dataclass

from . import board, lists, log, settings
from .amounts import need_words
from .board import view_of
from .format import Button, Markup, Speech, Words, people
from .forms import need_now
from .outlook import expected_words

ACTS = 5  # of the last ones, for admins
CHAPTER = {one: f"{one.capitalize()}…" for one in FOR_ADMINS}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page; `title` is not marked up."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    title: str = ""


def page(site: Site, driver: str, markup: Markup, said: Words | None = None) -> tuple[Part, ...]:
    """The page as the site stands; `said` is what its person has just been answered."""
    s = Speech(site, markup, reader=driver)
    seen = view_of(site)
    parts = [Part(title=site.name[:150])]
    if said is not None:
        parts.append(Part(said.text, said.buttons))
    parts += mine(driver, s, seen)
    parts += chargers(s, seen)
    parts += mine_alone(driver, s)
    parts.append(Part(f"`{s.ev} help` shows all I can do, here and in the channel.", title="Help"))
    if driver in site.admins:
        parts += house(s)
    home = site.homes.get(driver)
    if home is not None and home.others:
        parts.append(Part(title="Other car parks"))
        parts += (Part(buttons=(Button(one, "home", f"{one}:0"),)) for one in home.others)
    return tuple(parts)


def text(told: HomeTab, s: Speech) -> str:
    """All of it in one text, for where there is no such tab."""
    parts = page(s.site, told.driver, s.markup)
    lines = (line for part in parts for line in (s.escape(part.title), part.text) if line)
    return "\n".join(lines)


# --- mine -------------------------------------------------------------------------------------


def mine(driver: str, s: Speech, seen: View | None) -> Iterator[Part]:
    place = place_text(driver, s, seen)
    yield Part(place, place_buttons(driver, s), title="My place")
    cars = s.cars_of(driver)
    entry = entry_of(driver, s)
    if cars or entry is not None:
        need = need_now(driver, s)
        text = f"{need_words(need, s)}." if need is not None else "You haven't said yet."
        yield Part(text, (s.form("Say what I need…", FormName.NEED),), title="What I need")
    for car in cars:
        yield Part(car_text(car, s, seen), car_buttons(car, s), title="My car")


def entry_of(driver: str, s: Speech) -> Entry | None:
    return next((one for one in s.site.queue if one.driver == driver), None)


def place_text(driver: str, s: Speech, seen: View | None) -> str:
    standing = lists.standing(driver, s)
    if seen is None:
        return standing
    for place in seen.line:
        if place.driver == driver:
            return f"{standing} {expected_words(place.expected, s)}".rstrip()
    if not is_open(s):
        return f"{standing} The line is closed now; it opens at {s.clock(s.site.policy.opens)}."
    return standing


def is_open(s: Speech) -> bool:
    return s.now is not None and hours.is_open(s.site, s.now)


def place_buttons(driver: str, s: Speech) -> tuple[Button, ...]:
    entry = entry_of(driver, s)
    if entry is None:
        may_join = is_open(s) and not any(not s.waits_for_power(one.id) for one in s.cars_of(driver))  # fmt: skip
        return (s.form("Join the line…", FormName.JOIN),) if may_join else ()
    if entry.turn is not None:
        turn = entry.turn.id
        coming = () if entry.turn.coming else (s.button("On my way", "on_my_way", turn),)
        return (
            *coming,
            s.button("Blocked", "blocked", turn),
            s.button("Pass", "pass", turn),
            s.button("Leave", "leave", turn),
        )
    leave = s.button("Leave the line", "leave_line")
    if entry.is_waiting:
        return (s.button("Pause for 45 min", "pause"), leave)
    return (s.button("I can come now", "resume"), leave)


def car_text(car: Port, s: Speech, seen: View | None) -> str:
    """Where it is, how much it has, and when it should be done."""
    stay = car.stay
    since = f" since {s.dated(stay.since)}" if stay is not None else ""
    done = next((one.done_at for one in seen.ports if one.id == car.id), None) if seen else None
    ends = f", done at about {s.at(done)}" if done is not None else ""
    return f"On {s.port(car.id)}{since}{lists.energy_of(car, s)}{ends}."


def car_buttons(car: Port, s: Speech) -> tuple[Button, ...]:
    if car.stay is None:
        return ()
    return (
        s.button("Moving now", "moving", car.stay.id),
        s.button("20 more minutes", "more_minutes", car.stay.id),
    )


# --- everybody's ------------------------------------------------------------------------------


def chargers(s: Speech, seen: View | None) -> Iterator[Part]:
    if seen is None:
        yield Part("I haven't seen the chargers yet.", title="Chargers")
        return
    told = board.board(s, seen)
    yield Part("\n".join(told.ports), title="Chargers")
    yield Part("\n".join((*told.line, f"As of {s.at(seen.at)}.")), title="The line")


def mine_alone(driver: str, s: Speech) -> Iterator[Part]:
    """What they have chosen, and whether they may be unplugged."""
    person = s.site.people.get(driver)
    mine = (person.preferences if person is not None else None) or NO_PREFERENCES
    lines = [one(driver, mine, s) for one in settings.NOW.values()]
    ok = person.habits.may_unplug if person is not None and person.habits is not None else None
    lines.append(UNPLUG[ok])
    yes, no = s.button("Yes, unplug me", "unplug_yes"), s.button("Don't unplug", "unplug_no")
    buttons = {None: (yes, no), True: (no,), False: (yes,)}[ok]
    change = s.form("Change…", FormName.SETTINGS)
    yield Part("\n".join(lines), (change, *buttons), title="My settings")


UNPLUG = {
    None: "You haven't said whether the next one may unplug you when you're done.",
    True: "The next one may unplug you when you're done.",
    False: "Nobody is called to unplug you.",
}

# --- an admin's -------------------------------------------------------------------------------


def house(s: Speech) -> Iterator[Part]:
    """The site, its people, and what was done last."""
    site, policy = s.site, s.site.policy
    linked = sum(bool(person.ids) for person in site.people.values())
    admins = ", ".join(s.person(one) for one in site.admins[:20])
    facts = (
        f"The line is open {s.clock(policy.opens)} to {s.clock(policy.closes)} ({s.escape(site.timezone)}).",
        f"People: {len(site.people)} known, {linked} linked to the chargers. Admins: {admins}.",
        f"`{s.ev} admin` shows what admins can do.",
    )
    waiting = people(len(lists.waiting(site)))
    reset = s.button(
        "Empty the line",
        "reset",
        confirm=f"This empties the line ({waiting}) and takes back every call. Cars that are charging stay.",
    )
    chapters = tuple(s.form(label, name) for name, label in CHAPTER.items())
    yield Part("\n".join(facts), (*chapters, reset), title="The house (admins)")
    acts = list(log.log(s))[-ACTS:]
    yield Part("\n".join(acts), title="Last acts (admins)")
