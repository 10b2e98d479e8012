"""The words for what was typed and can't be read: one line, with the reason and the way on."""

from __future__ import annotations

from chalicelib.core.answers import Courtesy, Misreading, NotUnderstood

from .format import Speech

EXAMPLES = {
    "give": "give @bob",
    "suspend": "suspend 45m` or `{ev} suspend until 3pm",
    "back": "back in 20m` or `{ev} back at 3",
    "quiet": "quiet 22:00-07:00` or `{ev} quiet off",
    "meeting": "meeting until 11:00` or `{ev} meeting 45m",
    "more": "more` or, with two cars, `{ev} more 3",
}


def misread(what: NotUnderstood, s: Speech) -> str:
    """Why, and what to type instead."""
    typed, ev = f"“{s.quoted(what.typed)}”", s.ev
    said, better = f"`{ev} {s.quoted(what.command)}`", f"`{ev} {s.quoted(what.better)}`"
    example = (
        f"`{ev} {EXAMPLES[what.command].format(ev=ev)}`" if what.command in EXAMPLES else said
    )
    whom = better if what.better else example
    match what.why:
        case Misreading.UNKNOWN if what.better.startswith("admin"):
            return f"I don't know {typed}. Did you mean {better}? `{ev} admin` shows what admins can do."
        case Misreading.UNKNOWN if what.better:
            return f"I don't know {typed}. Did you mean {better}? `{ev} help` shows all I can do."
        case Misreading.UNKNOWN:
            return f"I don't know {typed}. `{ev} help` shows what I can do."
        case Misreading.EXTRA if what.better.startswith("admin "):
            return f"I know {said}, but not {typed} after it, so I did nothing. Did you mean {better}?"
        case Misreading.EXTRA:
            return f"I know {said}, but not {typed} after it, so I did nothing. `{ev} help` shows what I can do."
        case Misreading.LENGTH:
            return f"I can't read {typed} as a time. Try {example}."
        case Misreading.ZERO:
            return f"{typed} is no time at all, so I did nothing. Try {example}."
        case Misreading.TOO_LONG:
            return f"{typed} is too long: 24 hours at most, and the line is emptied every evening. Try {example}."
        case Misreading.TOMORROW:
            return f"The line is emptied every evening, so no place lasts until {typed.removeprefix('until ')}. `{ev} remove` takes you out of it."
        case Misreading.PORT if not what.typed:
            return f"Which port? Say its number: {said[:-1]} 2`. `{ev} status` shows them."
        case Misreading.PORT:
            return f"{typed} is no port. Say its number: {said[:-1]} 2`. `{ev} status` shows them."
        case Misreading.PERSON:
            return f"Who? Name one person: {whom}."
        case Misreading.ONE_PERSON:
            return f"One person at a time, please: {whom}, then the next. I did nothing yet."
        case Misreading.PLACE:
            return f"To which place? A number from 1 on: {better}."
        case Misreading.PAIRS if what.typed:
            return f"I can't pair {typed}: each person, then their id, such as {better}. I linked nobody."
        case Misreading.PAIRS:
            return f"Whom, and with which id? {better}, or a list of such lines."
        case Misreading.SETTING if what.typed and what.better != "admin set answer 20m":
            return f"There is no setting {typed}. Did you mean `{s.quoted(what.better)}`? `{ev} admin show` lists them."
        case Misreading.SETTING if what.typed:
            return f"There is no setting {typed}. `{ev} admin show` lists them."
        case Misreading.SETTING:
            return f"Set what? For example {better}; `{ev} admin show` lists the settings."
        case Misreading.VALUE:
            return f"I can't set {typed}. It looks like this: {better}."
        case Misreading.UNIT:
            return f"{typed} what? Say the unit, too: {said[:-1]} 12 kWh`, `60 km`, `40 mi` or `90 min`."
        case Misreading.NOTHING:
            return f"{typed} is nothing to charge, so I did nothing. Try {said[:-1]} 12 kWh`."
        case Misreading.TOO_MUCH:
            return f"{typed} is more than a car takes in a day. Try {said[:-1]} 12 kWh` or `{ev} need full`."
        case Misreading.PERCENT:
            return f"I can't see how full your battery is, so {typed} tells me nothing. Say {said[:-1]} 12 kWh`, `60 km` or `full`."
        case Misreading.AMOUNT:
            return f"I can't read {typed} as a need. Try {said[:-1]} 12 kWh`, `60 km`, `90 min` or `full`, with `by 16:00` after it if you like."
        case Misreading.BY:
            return f"I can't read {typed} as a time of today. Try {said[:-1]} 12 kWh by 16:00`."
        case Misreading.SPAN:
            return f"I don't know a report of {typed}. There is {said[:-1]} week` (seven days) and {said[:-1]} month` (four weeks); an admin may have it told each week: `{ev} admin set report friday 15:00`."
        case Misreading.CAP:
            return f"How much? `{ev} admin cap 50% for 2h`, `{ev} admin cap 3.3kW` or `{ev} admin cap off`."


COURTESIES = {
    Courtesy.HELLO: "Hello! `{ev} status` shows the chargers, `{ev} add` puts you in line.",
    Courtesy.THANKS: "You're welcome.",
    Courtesy.BYE: "See you! Still in line? `{ev} remove` takes you out of it.",
}
