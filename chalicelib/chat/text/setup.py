"""The words of setting up: three lines when we are invited, and `admin setup`."""

from __future__ import annotations

from chalicelib.chat.quantities import say_length
from chalicelib.core import answers as say, hours
from chalicelib.core.answers import Missing, SetupStep
from chalicelib.core.model import Order
from chalicelib.core.policy import written

from .format import Speech

STEPS = tuple(SetupStep)
CROWDED = 4  # drivers for each port, from which the fair order pays


def words(answer: say.SetupShown | say.Welcome, s: Speech) -> str:
    return welcome(answer, s) if isinstance(answer, say.Welcome) else shown(answer, s)


def welcome(answer: say.Welcome, s: Speech) -> str:
    """What we do, what is missing, and what to type next."""
    name = s.escape(s.site.name)
    lines = [f"Hello, I keep the line for the chargers of {name}: `{s.ev} add` puts you in it, `{s.ev} help` shows the rest."]  # fmt: skip
    if answer.missing:
        lines.append(f"Still missing: {'; '.join(lacks(one, s) for one in answer.missing)}.")
    admins = ", ".join(s.person(one) for one in s.site.admins)
    if admins:
        lines.append(f"Admins ({admins}): `{s.ev} admin setup` walks you through what there is.")
    return "\n".join(lines)


def lacks(what: Missing, s: Speech) -> str:
    match what:
        case Missing.ADMINS:
            return f"an admin (whoever runs me: `python -m bot site set {s.site.id} --admin …`)"
        case Missing.PORTS:
            return "a look at the chargers (whoever runs me: `python -m bot check` says why)"
        case Missing.SETUP:
            return f"an admin's look at the settings (step {at(s)} of {len(STEPS) - 1})"


def at(s: Speech) -> int:
    return min(s.site.setup + 1, len(STEPS) - 1)


def shown(answer: say.SetupShown, s: Speech) -> str:
    """One step: how it is, what changes it, and how to go on."""
    if answer.step is SetupStep.DONE:
        return (
            f"All set. Tell your drivers: `{s.ev} add` puts them in line, `{s.ev} help` shows the "
            f"rest. `{s.ev} admin show` lists all settings, `{s.ev} admin setup again` begins anew."
        )
    number = STEPS.index(answer.step) + 1
    step = f"Step {number} of {len(STEPS) - 1}, {TITLES[answer.step]}."
    return f"{step} {body(answer, s)} `{s.ev} admin setup next` goes on."


TITLES = {
    SetupStep.CHARGERS: "the chargers",
    SetupStep.CLOCK: "the clock",
    SetupStep.HOURS: "the hours",
    SetupStep.ORDER: "who is first",
    SetupStep.TEST: "a test",
}


def body(answer: say.SetupShown, s: Speech) -> str:
    site, policy = s.site, s.site.policy
    match answer.step:
        case SetupStep.CHARGERS:
            return chargers(s)
        case SetupStep.CLOCK:
            now = f"It's {s.dated(s.now)} here" if s.now is not None else "My clock is"
            return (
                f"{now}, in {s.escape(site.timezone)}. If that's wrong, whoever runs me can change "
                f"it: `python -m bot site set {site.id} --timezone Europe/Berlin`."
            )
        case SetupStep.HOURS:
            return (
                f"The line is open from {s.clock(policy.opens)} to {s.clock(policy.closes)}; I speak "
                f"in the channel from {s.clock(policy.speaks_from)} to {s.clock(policy.speaks_until)}, "
                f"{written(policy.workdays)}. `{s.ev} admin set opens 06:00` changes it, as do "
                "`closes`, `speaks_from`, `speaks_until` and `workdays mon-fri`."
            )
        case SetupStep.ORDER:
            return order(s)
        case _:
            return tested(s) if answer.tested else (
                f"`{s.ev} admin setup test` writes to you, and to the channel, that it is one."
            )  # fmt: skip


def chargers(s: Speech) -> str:
    site = s.site
    change = (
        f"If that's wrong, whoever runs me can change it: `python -m bot site set {site.id} …`."
    )
    labels = [s.label(port) for port in list(site.ports)[:20]]
    if not labels:
        return (
            "I haven't seen any yet. `python -m bot check` says why, to whoever runs me; "
            "where no network watches them, `--manual 4` makes so many."
        )
    count = "one port" if len(site.ports) == 1 else f"{len(site.ports)} ports"
    how = "Nobody watches them: people say `in` and `out`." if site.stations.is_manual else ""
    return " ".join(part for part in (f"I know {count}: {', '.join(labels)}.", how, change) if part)  # fmt: skip


def order(s: Speech) -> str:
    site, policy = s.site, s.site.policy
    now = "By arrival, now" if policy.order is Order.ARRIVAL else "In fair order, now"
    drivers, ports = len(site.people), max(len(site.ports), 1)
    crowded = drivers >= CROWDED * ports and policy.order is Order.ARRIVAL
    advice = f" With {drivers} drivers and {ports} ports I'd take it." if crowded else ""
    return (
        f"{now}. `{s.ev} admin set order fair` is for crowded sites: first who has had nothing "
        f"today, and can still get what they need.{advice} One may charge for "
        f"{say_length(policy.limit)}, with a need for {say_length(policy.limit_said)}: "
        f"`{s.ev} admin set limit 2h`."
    )


def tested(s: Speech) -> str:
    if s.now is not None and not hours.speaks(s.site, s.now):
        return "Sent to you. The channel isn't spoken to at this hour; try again when it is."
    return "Sent to you, and to the channel. Not there? `python -m bot check` says why, to whoever runs me."


def test(by: str, s: Speech) -> str:
    return f"This is a test by {s.one(by)}: I can write here. There is nothing to do."


def hint(s: Speech) -> str:
    """To whoever stands in line for the first time, once."""
    return (
        "Welcome. I write to you here when it's your turn, and you have "
        f"{say_length(s.site.policy.answer)} to plug in or to let the next go. "
        f"`{s.ev} settings` changes how I tell you; `{s.ev} help` shows the rest."
    )
