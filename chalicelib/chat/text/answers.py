"""The words of answers: to the one who asked."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from chalicelib.chat import quantities
from chalicelib.core import answers as say
from chalicelib.core.answers import Answer, Deed, Refusal
from chalicelib.core.policy import KEYS

from . import lists
from .format import Speech, Words, length, people
from .misread import COURTESIES, misread


def words(answer: Answer, s: Speech) -> Words:
    """The answers that have buttons or more than a line; the rest are sentences."""
    match answer:
        case say.Coming(_, port, turn, deadline):
            return Words(
                f"See you at {s.port(port)}: it's kept for you{s.until(deadline)}.",
                (
                    s.button("Blocked", "blocked", turn),
                    s.button("Pass", "pass", turn),
                    s.button("Leave", "leave", turn),
                ),
            )
        case say.ItsMe(_, port, stay, offer):
            text = f"You're charging on {s.port(port)}."
            if s.waits_for_power(port):
                text = f"You're plugged in at {s.port(port)}, whose power is off: you keep your place."
            if not offer:
                return Words(text + s.cheer("Enjoy the ride home."))
            return Words(
                f"{text} Shall I know your card next time?",
                (s.button("Remember me", "remember", stay),),
            )
        case say.MoreTime(_, port, stay, until):
            return Words(
                f"Fine: {s.port(port)} is yours until {s.at(until)}.",
                (s.button("Done, moving", "moving", stay),),
            )
        case say.AskReset(_, waiting):
            return Words(
                f"This empties the line ({people(waiting)}) and takes back every call. Cars that "
                f"are charging stay. Sure? (`{s.ev} admin reset confirm`)",
                (s.button("Reset", "reset"),),
            )
        case _:
            return Words(sentence(answer, s))


def sentence(answer: Answer, s: Speech) -> str:
    """The answers that are text alone."""
    match answer:
        case say.Added() | say.YourPlace() | say.Resumed() | say.Removed() | say.Suspended():
            return place(answer, s)
        case say.Passed(_, port):
            return (
                f"Passed on, and your place is kept. I'll call you again once {s.port(port)} has "
                f"been used, or in {length(s.site.policy.sit_out)}; `{s.ev} resume` if you can come sooner."
            )
        case say.MovedOn(driver, by, port):
            return f"{s.name(by)} moved the line on: {s.port(port)} goes to the next, {s.name(driver)} keeps the place."
        case say.Blocked(_, port):
            return f"Thanks, noted: {s.port(port)} is blocked, and its last driver and the admins know. You keep your place."
        case say.NotMe(_, port):
            return f"Thanks. Somebody I don't know has {s.port(port)}; your place is kept."
        case say.Remembered():
            return "I'll know your card from now on."
        case say.HandOut(driver, port):
            return f"{s.name(driver)} says {s.port(port)} is free."
        case say.Moving(_, port):
            return f"Thank you for freeing {s.port(port)}." + s.cheer("You're a star.")
        case say.WhoIsNext(driver):
            if driver:
                return f"{s.name(driver)} is next."
            if lists.waiting(s.site):
                return f"Nobody in line can be called right now; `{s.ev} list` shows them."
            return "Nobody is waiting."
        case say.Repeated():
            return "I had that one already, and did it once."
        case say.Refused():
            return refused(answer, s)
        case say.Did():
            return did(answer, s)
        case say.Why(driver):
            return "\n".join(lists.why(driver, s))
        case say.Ports(driver, free_at):
            return "\n".join(lists.status(driver, free_at, s))
        case say.Line(_, free_at):
            return "\n".join(lists.line(s, free_at))
        case say.Help(topic, admin):
            return "\n".join(lists.help_(topic, s, admin=admin))
        case say.NotUnderstood():
            return misread(answer, s)
        case say.SmallTalk(what):
            return COURTESIES[what].format(ev=s.ev)
        case say.OnePort(port):
            return lists.port(s, port)
        case say.AdminHelp():
            return "\n".join(lists.admin_help(s))
        case say.Shown():
            return "\n".join(lists.shown(s))
        case say.Coming() | say.ItsMe() | say.MoreTime() | say.AskReset():
            raise AssertionError(answer)  # these have buttons
        case never:
            assert_never(never)


def place(
    answer: say.Added | say.YourPlace | say.Resumed | say.Removed | say.Suspended, s: Speech
) -> str:
    """Where you stand now."""
    goes_on = next_of(answer.port, s)
    match answer:
        case say.Added(driver, number, None, free_at):
            return f"{s.name(driver)} is number {number} in line. {s.next_free(free_at)}".rstrip()
        case say.Added(driver, _, port, _):
            return f"{s.name(driver)} is called to {s.port(port)} right away."
        case say.YourPlace(_, number, None, free_at):
            return f"You're in line already: number {number}. {s.next_free(free_at)}".rstrip()
        case say.YourPlace(_, _, port, _):
            return f"It's your turn: {s.port(port)} is waiting for you."
        case say.Resumed(_, number, None):
            return f"Welcome back: you're number {number} in line."
        case say.Resumed(_, _, port):
            return f"Welcome back: {s.port(port)} is free, and it's your turn."
        case say.Removed():
            return f"You're out of the line.{goes_on}"
        case say.Suspended(_, until, _):
            end = f"until {s.at(until)}" if until is not None else f"until `{s.ev} resume`"
            return f"Your place is kept and others may pass, {end}.{goes_on}"
        case never:
            assert_never(never)


def next_of(port: str | None, s: Speech) -> str:
    """What becomes of the port that somebody gives away."""
    if port is None:
        return ""
    holder = next((e for e in s.site.queue if e.turn is not None and e.turn.port == port), None)
    if holder is None:
        return ""
    return f" {s.the_port(port)} goes to {s.name(holder.driver)}."


def refused(no: say.Refused, s: Speech) -> str:
    """Each refusal in its own words, with the way on."""
    port, other = s.port(no.port), no.other
    key, _, value = s.escape(other or "").partition(" ")
    setting = f"I can't set `{key}` to {value}"
    match no.why:
        case Refusal.CHARGING:
            whose = f"{s.name(other)}'s car" if other is not None else "Your car"
            return f"{whose} is on {port}: nothing to wait for. Once it's unplugged, `{s.ev} add`."
        case Refusal.NOT_IN_LINE:
            if other is not None:
                return f"{s.person(other)} is not in line."
            return f"You're not in line. `{s.ev} add` puts you there."
        case Refusal.NOT_SUSPENDED:
            return "Your place isn't suspended; you'll be called as usual."
        case Refusal.NOT_CALLED:
            return f"That isn't your turn (any more). `{s.ev} status` shows where you stand."
        case Refusal.ALREADY_COMING:
            return f"I know: you're on your way to {port}. It's kept for you, but no longer than I said."
        case Refusal.PAST:
            return f"That time has gone already. Try `{s.ev} suspend 45m`."
        case Refusal.TOO_SOON:
            when = f"from {s.at(no.at)} on" if no.at is not None else "in a while"
            return f"{s.name(other)} is called to {port} and still has time; anyone may pass the turn on {when}."
        case Refusal.CLOSED:
            opens = s.site.policy.opens.strftime("%H:%M")
            return f"The line is closed for the night; it opens at {opens}."
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
            return f"I still see a car on {port}. Unplug, and give me a minute."
        case Refusal.OTHERS_CAR:
            remedy = (
                f"Once it has left: `{s.ev} out {s.label(no.port or '')}`."
                if s.site.stations.is_manual
                else "If that's wrong, an admin can put it right."
            )
            return f"{s.the_port(no.port)} has {s.name(other)}'s car on it. {remedy}"
        case Refusal.NOBODY_THERE:
            return f"I see no car there that could be yours (any more). `{s.ev} status` shows the chargers."
        case Refusal.TIME_LEFT:
            return (
                f"You have {port} until {s.at(no.at)} anyway; ask again when that is nearly over."
            )
        case Refusal.ONCE_ONLY:
            return f"You had your extra minutes on {port}. Please move when you can."
        case Refusal.NOTHING_TO_REMEMBER:
            return "The charger didn't tell me a card, so there is nothing to remember."
        case Refusal.NOT_ADMIN:
            return "Only this site's admins can do that. They are: " + ", ".join(
                s.person(admin) for admin in s.site.admins
            )
        case Refusal.WHO:
            unknown = f"I don't know “{s.escape(other[:60])}”. " if other else ""
            return f"{unknown}Name a person, such as `@ana`. `{s.ev} admin` shows how."
        case Refusal.LAST_ADMIN:
            return "Somebody must stay admin: grant it to another person first."
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
        case Refusal.EXTENSION:
            return f"I can give {length(s.site.policy.extension)} once, no more and no less: `{s.ev} more`."
        case Refusal.WHICH_STAY:
            ports = " and ".join(s.port(one.id) for one in s.cars_of(no.driver))
            return f"Your cars are on {ports}. Say which you mean, with its number last: `{s.ev} more 3`, for example."
        case Refusal.NOT_YOURS:
            return f"The car on port {s.escape(other or '')} isn't yours, as far as I know. If it is: `{s.ev} in {s.escape(other or '')}`."
        case Refusal.TWO_OF_THEM:
            return f"There are several people called “{s.escape((other or '')[:60])}”: mention the one you mean, such as `@ana`."
        case Refusal.NOTHING_TO_UNDO:
            return "There is nothing to undo."
        case Refusal.CAPS_OFF:
            return "Facilities haven't agreed to power limits from chat; whoever runs me can switch them on."
        case Refusal.WHAT_CAP:
            most = f"{s.site.policy.rated_kw:.1f}kW"
            return f"How much? `{s.ev} admin cap 50% for 2h`, `{s.ev} admin cap 3.3kW` (up to {most}) or `{s.ev} admin cap off`."
        case Refusal.NOT_OUR_CAP:
            return (
                "The power isn't limited by anything set here, so there is nothing that I may end."
            )
        case Refusal.OPERATORS:
            return "That setting is facilities' to agree to: whoever runs me can change it."
        case Refusal.NO_ADMIN:
            return f"{s.person(other or '')} is no admin, so there is nothing to end."
        case never:
            assert_never(never)


def set_to(detail: str, s: Speech) -> str:
    """`limit: 3 h`: a setting as it was understood."""
    key, _, value = detail.partition(" ")
    length = quantities.setting(key, value) if key in KEYS else None
    understood = quantities.say_length(length) if isinstance(length, timedelta) else value
    return f"{s.escape(key)}: {s.escape(understood)}{' kW' if key == 'rated_kw' else ''}"


def did(act: say.Did, s: Speech) -> str:
    """What an admin did, for all to see."""
    who = s.names(act.who) if all(s.site.people.get(w) for w in act.who) else " and ".join(
        s.person(one) for one in act.who[:20]
    )  # fmt: skip
    ports = " and ".join(s.port(port) for port in act.ports)
    by, detail = f"{s.name(act.by)} (admin)", s.escape(act.detail)
    match act.deed:
        case Deed.RESET:
            return (
                f"{by} emptied the line: {detail} in it, nobody now. Please add yourselves again."
            )
        case Deed.ADD:
            return f"{by} put {who} in line: number {detail}."
        case Deed.REMOVE:
            return f"{by} took {who} off the line."
        case Deed.MOVE:
            return f"{by} moved {who} to number {detail}."
        case Deed.LINK:
            return f"{by} told me the card of {who}."
        case Deed.CLOSE:
            return f"{by} closed {ports}: nobody is called there."
        case Deed.OPEN:
            return f"{by} opened {ports}."
        case Deed.SET:
            return f"{by} set {set_to(act.detail, s)}. Turns that run keep their terms."
        case Deed.CAP if not act.detail:
            return f"{by} asked the network to end the power limit. It takes some minutes."
        case Deed.CAP:
            return f"{by} asked the network to limit each port to {detail}. It takes some minutes."
        case Deed.GRANT:
            return f"{by} made {who} an admin."
        case Deed.REVOKE:
            return f"{by} ended {who}'s time as admin."
        case Deed.UNDO:
            return f"{by} took the last act back ({f'{detail} {who}' if act.who else detail})."
        case never:
            assert_never(never)
