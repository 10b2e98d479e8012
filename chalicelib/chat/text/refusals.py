"""Why something cannot be: each refusal in its own words, with the way on."""

from __future__ import annotations

from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal
from chalicelib.core.names import called

from . import handovers, joining, repairs, reports, settings
from .format import Speech, length


def refused(no: say.Refused, s: Speech) -> str:
    """What drivers are told."""
    port, other = s.port(no.port), no.other
    match no.why:
        case (
            Refusal.NO_PLACE | Refusal.RAISED_ONCE | Refusal.MOVES_TOO_FAR | Refusal.MOVED_ONCE
            | Refusal.NOT_MOVING | Refusal.OWN_PLACE | Refusal.NOT_FOR_THEM | Refusal.ON_A_PORT
            | Refusal.NO_GAIN
        ):  # fmt: skip
            return handovers.refused(no, s)
        case Refusal.CHARGING:
            whose = f"{s.name(other)}'s car" if other is not None else "Your car"
            gone = "" if other is not None else f" Is it gone already? `{s.ev} not my car`."
            return f"{whose} is on {port}: nothing to wait for. Once it's unplugged, `{s.ev} add`.{gone}"
        case (
            Refusal.NO_CAR | Refusal.OWN_CAR | Refusal.POWER_FLOWS | Refusal.NOT_THERE
            | Refusal.NOTHING_LINKED | Refusal.TIME_LEFT | Refusal.SAID_BROKEN
        ):  # fmt: skip
            return repairs.refused(no, s)
        case (
            Refusal.NO_MEMBER | Refusal.NO_TEXTS | Refusal.NO_PHONE | Refusal.NO_MAIL | Refusal.NO_MAILBOX
            | Refusal.MAIL_TAKEN | Refusal.MAIL_OFTEN | Refusal.MAIL_FULL | Refusal.MAIL_AWAY | Refusal.NO_MAIL_YET
        ):  # fmt: skip
            return joining.refused(no, s)
        case Refusal.NOT_IN_LINE:
            if other is not None:
                return f"{s.person(other)} is not in line."
            return f"You're not in line. `{s.ev} add` puts you there."
        case Refusal.NOT_SUSPENDED:
            mine = "Your place isn't suspended: you'll be called as usual."
            return mine if other is None else f"{s.person(other)}'s place isn't suspended."
        case Refusal.NOT_CALLED:
            return f"You aren't called just now. `{s.ev} status` shows where you stand."
        case Refusal.ALREADY_COMING:
            return (
                f"I know that you're on your way: {port} is kept for you{s.turn_until(no.driver)}."
            )
        case Refusal.TURN_IS_FIXED:
            return turn_is_fixed(no, s)
        case Refusal.PAST:
            if no.at is None:  # of a need, or to move
                return (
                    "That time has gone already, so I did nothing. Say one that is still to come."
                )
            return f"{s.at(no.at)} has gone already. Try `{s.ev} suspend 45m`."
        case Refusal.MEETING_PAST | Refusal.QUIET_ALL_DAY | Refusal.NO_STATUS:
            return settings.refused(no, s)
        case Refusal.TOO_SOON:
            when = f"from {s.at(no.at)} on" if no.at is not None else "in a while"
            return f"{s.name(other)} is called to {port} and still has time; anyone may pass the turn on {when}."
        case Refusal.CLOSED:
            opens = s.clock(s.site.policy.opens)
            return f"The line is closed now; it opens at {opens}."
        case Refusal.LINE_FULL:
            return f"{len(s.site.queue)} people are in line already, more than can be called today, so I add nobody now. `{s.ev} when` later shows whether it moves."
        case Refusal.WHICH_PORT:
            return f"Which port? Say its number, such as 2. `{s.ev} status` shows them."
        case Refusal.NO_SUCH_PORT:
            named = (
                f"I know no port “{s.escape(other[:40])}”." if other else "I know no such port."
            )
            return f"{named} `{s.ev} status` shows them."
        case Refusal.LOOKS_FREE:
            return f"I see no car on {port} yet. Plug in, and give me a minute."
        case Refusal.LOOKS_USED:
            free = f"`{s.ev} admin free {s.label(no.port or '')}`"
            return f"I still see a car on {port}. Unplug, and give me a minute. If it's empty, an admin can say so: {free}."
        case Refusal.OTHERS_CAR:
            remedy = (
                f"Once it has left: `{s.ev} out {s.label(no.port or '')}`."
                if s.site.stations.is_manual
                else f"If it's yours, an admin can put it right: `{s.ev} admin in {s.escape(s.typed(no.driver))} {s.label(no.port or '')}`."
            )
            return f"{s.the_port(no.port)} has {s.one(other)}'s car on it. {remedy}"
        case Refusal.NOBODY_THERE if other in s.site.people:  # an admin's
            return (
                f"I know of no car of {s.one(other)}'s there. `{s.ev} status` shows the chargers."
            )
        case Refusal.NOBODY_THERE:
            return f"I know of no car of yours on a port. If there is one, say where, such as `{s.ev} in 2`; `{s.ev} status` shows the chargers."
        case Refusal.STILL_HERE:
            return f"You're still in line or on a port, and others reckon with you. `{s.ev} remove` or unplug first, then `{s.ev} forget me`."
        case Refusal.EMPTY_PORT:
            return f"I see no car on port {s.escape(other or '')}. `{s.ev} status` shows the chargers."
        case Refusal.ONCE_ONLY if s.is_ahead(no.at):
            return (
                f"Your extra minutes on {port} run until {s.at(no.at)}; there are none after them."
            )
        case Refusal.ONCE_ONLY:
            return f"You had your extra minutes on {port}. Please move when you can."
        case Refusal.NOTHING_TO_REMEMBER:
            return "The charger didn't tell me a card, so there is nothing to remember."
        case Refusal.EXTENSION:
            return f"I can give {length(s.site.policy.extension)} once, no more and no less: `{s.ev} more`."
        case Refusal.WHICH_STAY:
            return which_stay(no, s)
        case Refusal.NOT_YOURS:
            return f"The car on port {s.escape(other or '')} isn't yours, as far as I know. If it is: `{s.ev} in {s.escape(other or '')}`."
        case _:
            return refused_to_admins(no, s)


def turn_is_fixed(no: say.Refused, s: Speech) -> str:
    """There are no more minutes for a call, but for those of who is on the way."""
    turn = next((one.turn for one in s.site.queue if one.driver == no.driver), None)
    kept = f"{s.the_port(no.port)} is kept for you{s.turn_until(no.driver)}"
    if turn is not None and not turn.coming:
        return f"{kept}. `{s.ev} coming` keeps it for {length(s.site.policy.on_my_way)}; `{s.ev} pass` lets the next go, and keeps your place."
    return f"{kept}, and no longer. If you can't come by then: `{s.ev} pass` keeps your place."


def which_stay(no: say.Refused, s: Speech) -> str:
    """Two cars on two ports: how it is said which."""
    other = no.other or ""
    theirs = other in s.site.people  # an admin asks
    cars = s.cars_of(other if theirs else no.driver)
    ports = s.ports([one.id for one in cars])
    if theirs:
        return f"{s.name(other)}'s cars are on {ports}. Say which you mean, with its number last."
    command = WITH_PORT.get(other, f"{other or 'more'} {{}}")
    example = command.format(cars[0].label if cars else "2")
    return f"Your cars are on {ports}. Say which you mean, with its number: `{s.ev} {s.escape(example)}`, for example."


WITH_PORT = {"need": "need 12 kWh on {}", "moving": "moving {} at 11:30"}


def refused_to_admins(no: say.Refused, s: Speech) -> str:
    """What is said of the acts of admins."""
    other = no.other
    key, _, value = s.escape(other or "").partition(" ")
    setting = f"I can't set `{key}` to {value}"
    match no.why:
        case Refusal.NOT_ADMIN:
            admins = s.persons(s.site.admins)
            return f"Only this site's admins can do that. {f'Ask {admins}.' if admins else ''}".rstrip()
        case Refusal.WHO:
            name = (other or "") if (other or "").count(":") < 2 else ""  # no address is shown
            unknown = f"I don't know “{s.escape(name[:60])}” here. " if name else ""
            return f"{unknown}Mention a person with @ and pick them from the list."
        case Refusal.LAST_ADMIN:
            return f"Somebody must stay admin: first make another one, with `{s.ev} admin grant @ana`."
        case Refusal.BAD_LENGTH:
            return f"{setting}: that must be more than nothing, and at most a day. Try `{s.ev} admin set answer 20m`."
        case Refusal.BAD_HOURS:
            return (
                f"{setting}: the day must end after it begins. `{s.ev} admin show` has both times."
            )
        case Refusal.BAD_BLIND:
            return f"{setting}: I look once a minute, so that must be more than 1 min. Try `{s.ev} admin set blind 3m`."
        case Refusal.BAD_POWER:
            return f"{setting}: a port gives more than 0 and less than 1000 kW. Try `{s.ev} admin set rated_kw 6.6`."
        case Refusal.TWO_OF_THEM:
            same = [s.name(one) for one in called(s.site.people, other or "")]
            return f"There are {len(same)} people of that name: {', '.join(same[:5])}. Mention the one you mean with @ and pick them from the list."
        case Refusal.NOBODY:
            return "I can't find the person you named here, so I did nothing. Mention somebody with @ and pick them from the list."
        case Refusal.GONE:
            return "The person you named isn't active here any more, so I did nothing."
        case Refusal.BOT:
            return "That's a bot; it has no car. Mention a person."
        case Refusal.UNCHECKED:
            return "I can't check just now who that is, so I did nothing. Please try again in a minute."
        case Refusal.NOTHING_TO_UNDO:
            return "There is nothing to undo: nothing was changed today that could be taken back."
        case (
            Refusal.CAPS_OFF | Refusal.WHAT_CAP | Refusal.NOT_OUR_CAP | Refusal.TOTALS_OFF
            | Refusal.NO_LOG
        ):  # fmt: skip
            return granted(no, s)
        case Refusal.OPERATORS:
            return "That setting isn't one to change from chat: whoever runs me can."
        case Refusal.NO_ADMIN:
            return f"{s.person(other or '')} is no admin, so there is nothing to end."
        case _:
            raise AssertionError(no.why)


def granted(no: say.Refused, s: Speech) -> str:
    """Where facilities or the operator must agree."""
    if no.why in (Refusal.TOTALS_OFF, Refusal.NO_LOG):
        return reports.refused(no, s)
    if no.why is Refusal.CAPS_OFF:
        return "Facilities haven't agreed to power limits from chat; whoever runs me can switch them on."
    if no.why is Refusal.NOT_OUR_CAP:
        return "The power isn't limited by anything set here, so there is nothing that I may end."
    most = f"{s.site.policy.rated_kw:.1f}kW"
    return f"How much? `{s.ev} admin cap 50% for 2h`, `{s.ev} admin cap 3.3kW` (up to {most}) or `{s.ev} admin cap off`."
