"""The words when something is put right: blocked bays, ghosts, broken chargers, admins' hands."""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import answers, effects as say
from chalicelib.core.answers import Deed, Nudging, Refusal
from chalicelib.core.rules.line import TOO_MANY
from chalicelib.energy.needs import Need, Unit

from .amounts import amount_of, need_words
from .format import MOST_NAMED, Speech

Repair = (
    say.BayBlocked | say.DoneForYou | say.Disowned | say.PortBroken
    | say.DrewNothing | say.Unreachable | say.HasLeft
)  # fmt: skip


def told(message: Repair, s: Speech) -> str:
    match message:
        case say.BayBlocked(port, by, admin):
            todo = (
                f"`{s.ev} admin open {s.label(port)}` once it's clear."
                if admin
                else "If that's your car: please move it."
            )
            return f"{s.name(by)} was called to {s.port(port)} and found it blocked. {todo}"
        case say.DoneForYou():
            return done_for_you(message, s)
        case say.Disowned(driver, port):
            return (
                f"{s.name(driver)} says that the car on {s.port(port)} isn't theirs any more; the "
                f"charger still shows one. If the port is empty: `{s.ev} admin free {s.label(port)}`."
            )
        case say.PortBroken(port, by, typed):
            return (
                f"{s.name(by)} says {s.port(port)} doesn't work{quoted(typed, s)}. Nobody is called "
                f"there until `{s.ev} admin open {s.label(port)}`."
            )
        case say.DrewNothing(port, cars):
            stop = f"; `{s.ev} admin close {s.label(port)}` stops that" if s.to_admins else ""
            return (
                f"{cars} cars in a row drew no power on {s.port(port)}. I go on calling people "
                f"there{stop}."
            )
        case say.Unreachable(driver, reason):
            return (
                f"{s.person(driver)} was called and takes no messages ({s.escape(reason)}), so the "
                "turn went on. Their place is kept, suspended until they write to me."
            )
        case say.HasLeft(driver):
            return f"{s.person(driver)}'s account is closed, so I took them off the line."
        case never:
            assert_never(never)


def quoted(typed: str, s: Speech) -> str:
    """What somebody gave as the reason, in their words."""
    return f": “{s.quoted(typed[:200])}”" if typed else ""


def done_for_you(act: say.DoneForYou, s: Speech) -> str:
    """What an admin did in the driver's name, and how to put it right."""
    by, where = f"{s.name(act.by)} (admin)", s.port(act.port)
    match act.deed:
        case Deed.IN if act.gone:
            return f"{by} told me that your car is on {where}; by now it isn't there any more, as far as I can see. `{s.ev} why` tells."
        case Deed.IN:
            return f"{by} told me that your car is on {where}. If not: `{s.ev} not my car`."
        case Deed.OUT:
            gone = f"{by} told me that your car isn't on {where} any more."
            return f"{gone}{still_there(act.port or '', s)}"
        case Deed.SUSPEND:
            end = f" until {s.at(act.until)}" if act.until is not None else ""
            return (
                f"{by} suspended your place{end}; it is kept. `{s.ev} resume` when you can come."
            )
        case Deed.NEED if act.need is not None:
            return f"{by} noted for you: {need_words(act.need, s)}. `{s.ev} need` shows it; `{s.ev} need none` takes it back."
        case Deed.NEED:
            return f"{by} took back what you said you need. `{s.ev} need 12 kWh` says it again."
        case Deed.GRANT:
            return f"{by} made you an admin here. `{s.ev} admin` shows what you can do now."
        case Deed.REVOKE:
            return f"{by} ended your time as admin here."
        case Deed.RESUME:
            return f"{by} ended your break: you can be called again. If you can't come: `{s.ev} suspend 45m`."
        case _:
            return f"{by} did something in your name. `{s.ev} why` tells."


def still_there(port_id: str, s: Speech) -> str:
    """What who knows better may type; by now another's car may be there: then it is nothing."""
    port = s.site.ports.get(port_id)
    if port is None or (port.stay is not None and port.stay.driver is not None):
        return ""
    return f" If it's still there: `{s.ev} in {s.label(port.id)}`."


def counted_unplugged(word: say.CountedUnplugged, s: Speech) -> str:
    """Rule 35: another car is there, or somebody says that the port is free."""
    if word.says is not None:
        free = f"{s.name(word.says)} says {s.port(word.port)} is free, so I count your car as unplugged."
        return f"{free}{still_there(word.port, s)}"
    whose = f"{s.name(word.shows)}'s car" if word.shows else "another car"
    return f"{s.the_port(word.port)} shows {whose} since {s.at(word.at)}, so I count yours as unplugged. If you need a charge: `{s.ev} add`."


def strikes(misses: int) -> str:
    """Rule 40: the third miss of a day costs the place."""
    if misses < TOO_MANY - 1:
        return ""
    if misses == TOO_MANY - 1:
        return " That was your second today; after a third, `resume` puts you last."
    return f" That was number {misses} today, so `resume` puts you last."


def nudged(answer: answers.NudgeTaken, s: Speech) -> str:
    """What came of a `nudge`: to the one who asked."""
    where, at = s.port(answer.port), s.at(answer.at)
    match answer.how:
        case Nudging.SENT:
            return f"I've reminded whoever is on {where}, without your name."
        case Nudging.NOT_YET:
            return f"Their time on {where} isn't up yet: until {at}. I'll tell them then that people wait."
        case Nudging.MOVING:
            return f"They told me that they're freeing {where}. Ask again after {at}."
        case Nudging.LATELY:
            return f"I've reminded them already; I may again from {at} on."
        case Nudging.STRANGER:
            return f"I don't know whose car is on {where}, so I can't write to them. The channel is asked when their time is up."
        case Nudging.NOBODY:
            return f"Nobody in line can be called to {where} right now, so I leave them in peace. `{s.ev} resume` if you paused."
        case Nudging.UNSEEN:
            return "I can't see the chargers right now, so I don't remind anybody."
        case never:
            assert_never(never)


def refused(no: answers.Refused, s: Speech) -> str:
    """Why something can't be put right, and what to do instead."""
    port, label = s.port(no.port), s.label(no.port or "")
    match no.why:
        case Refusal.NO_CAR:
            return f"I see no car on {port}, so there is nobody to remind."
        case Refusal.TIME_LEFT:
            stay = s.site.ports[no.port].stay if no.port in s.site.ports else None
            if stay is not None and stay.need is not None:
                need = need_words(stay.need, s)
                return f"You may stay on {port} until you have what you said ({need}), by {s.at(no.at)} at the latest. `{s.ev} need` changes it."
            return (
                f"You have {port} until {s.at(no.at)} anyway; ask again when that is nearly over."
            )
        case Refusal.OWN_CAR:
            return f"That's your own car on {port}. `{s.ev} moving` when you go and move it."
        case Refusal.POWER_FLOWS:
            return (
                f"Power flows on {port}, so a car is there. If it isn't yours, an admin can put "
                f"it right: `{s.ev} admin free {label}`."
            )
        case Refusal.SAID_BROKEN:
            return f"{s.the_port(no.port)} counts as broken already: nobody is called there until an admin opens it."
        case Refusal.NOT_THERE:
            return (
                f"Only who is called to {port} or plugged in there can say so; an admin can close "
                f"it: `{s.ev} admin close {label}`."
            )
        case _:
            whose = f" of {s.person(no.other)}" if no.other else ""
            return f"I know no such card{whose}, so there is nothing to unlink."


def unchanged(act: answers.Unchanged, s: Speech) -> str:
    """An admin's act that changes nothing: why."""
    who, ports = s.persons(act.who), s.ports(act.ports)
    many = len(act.ports) > 1
    match act.deed:
        case Deed.ADD | Deed.MOVE if act.ports:
            return f"{who} is called to {ports} already; nothing was changed."
        case Deed.ADD:
            return f"{who} is in line already, number {s.escape(act.detail)}; nothing was changed."
        case Deed.MOVE:
            return f"{who} is number {s.escape(act.detail)} already; nothing was changed."
        case Deed.CLOSE:
            return f"{ports.capitalize()} {'are' if many else 'is'} closed already; nothing was changed."
        case Deed.OPEN:
            return f"{ports.capitalize()} {'are' if many else 'is'} open already; nothing was changed."
        case Deed.FREE:
            return f"{ports.capitalize()} is free already; nothing was changed."
        case Deed.GRANT:
            return f"{who} is an admin already; nothing was changed."
        case Deed.LINK:
            return f"I know that card of {who} already; nothing was changed."
        case Deed.RESET:
            return "Nobody is in line; nothing was changed."
        case _:
            return "That is how it is already; nothing was changed."


def typed_need(need: Need | None, s: Speech) -> str:
    """As it is said in a command: `12 kWh by 16:00`, `none`."""
    if need is None:
        return "none"
    amount = "full" if need.unit is Unit.FULL else amount_of(need)
    return f"{amount} by {s.at(need.by)}" if s.is_ahead(need.by) else amount


def way_back(act: answers.Did, s: Speech) -> str:
    """The command that reverses an act (rule 39)."""
    who = s.typed(act.who[0]) if act.who else "@name"
    port = s.label(act.ports[0]) if act.ports else ""
    match act.deed:
        case Deed.ADD:
            command = f"remove {who}"
        case Deed.REMOVE | Deed.MOVE | Deed.RESET:
            command = "undo"
        case Deed.LINK:
            command = f"unlink {who} {act.detail}" if len(act.who) == 1 else "undo"
        case Deed.UNLINK:
            command = f"link {who} {act.detail}" if len(act.who) == 1 else "undo"
        case Deed.CLOSE | Deed.OPEN:
            verb = "open" if act.deed is Deed.CLOSE else "close"
            named = " ".join(s.label(one) for one in act.ports)
            command = f"{verb} {named}" if len(act.ports) <= MOST_NAMED else "undo"
        case Deed.FREE:
            command = f"in {who} {port}"
        case Deed.IN:
            command = f"out {who} {port}"
        case Deed.OUT:
            command = f"in {who} {port}"
        case Deed.SUSPEND:
            command = f"resume {who}"
        case Deed.RESUME:
            command = f"suspend {who}"
        case Deed.NEED:
            command = f"need {who} {typed_need(act.old, s)}"
        case Deed.SET:
            is_one = act.before and ", " not in act.before
            command = f"set {act.before}" if is_one else "undo"
        case Deed.GRANT:
            command = f"revoke {who}"
        case Deed.REVOKE:
            command = f"grant {who}"
        case Deed.CAP if act.detail:
            command = "cap off"
        case Deed.CAP | Deed.UNDO:
            return ""
        case never:
            assert_never(never)
    return f" (`{s.ev} admin {s.escape(command)}` takes it back.)"
