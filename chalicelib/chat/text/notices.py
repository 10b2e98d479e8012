"""The words of messages: what the concierge says of its own accord."""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import effects as say
from chalicelib.core.answers import Line
from chalicelib.core.boards import BOARD
from chalicelib.core.effects import (
    AccessProblem,
    Message,
    News,
    Withdrawal,
)
from chalicelib.core.model import Status

from . import board, handovers, lists, mail, needs, outlook, repairs, reports, setup
from .format import Speech, Words
from .reminders import nudge_buttons, nudged, please_move


def words(message: Message, s: Speech) -> Words:
    match message:
        case say.Called():
            return called(message, s)
        case say.WeeklyReport() | say.ReportPicture() | say.ReportTable():
            return reports.words(message, s)
        case say.Lapsed(_, port, taken=True):
            return Words(
                f"A car that nobody claims has {s.port(port)}, so your turn there is over. Your "
                f"place is kept: `{s.ev} resume` when you can come, `{s.ev} in {s.label(port)}` "
                "if that car is yours after all.",
                (s.button("I'm back", "resume"),),
            )
        case say.Lapsed(_, port):
            return Words(
                f"Your turn on {s.port(port)} has gone by. Your place is kept: "
                f"`{s.ev} resume` when you can come.{repairs.strikes(message.misses)}",
                (s.button("I'm back", "resume"),),
            )
        case say.IsItYou(_, port, stay):
            return Words(
                f"Somebody plugged in at {s.port(port)}, and the charger didn't say who. Is it you?",
                (
                    s.button("Yes, that's me", "thats_me", stay, f"in {s.port(port)}"),
                    s.button("Not me", "not_me", stay),
                ),
            )
        case say.PluggedIn():
            return needs.plugged_in(message, s)
        case say.HowMuch():
            return needs.how_much(message, s)
        case say.GivenTo():
            return handovers.given_to(message, s)
        case say.Nudged():
            return Words(nudged(message, s), nudge_buttons(message, s))
        case say.PleaseMove():
            return please_move(message, s)
        case Line():
            return Words("\n".join(lists.line(s, message)))
        case _:
            return Words(sentence(message, s))


def sentence(message: Message, s: Speech) -> str:
    """The messages that are text alone."""
    match message:
        case say.SetupTest(by):
            return setup.test(by, s)
        case say.FirstHint():
            return setup.hint(s)
        case say.NextUp():
            return f"You're next. If you can't come soon: `{s.ev} suspend 45m`.{handovers.kept_in_mind(message.driver, s)}"
        case say.CallOver(driver, port=str() as port, end=end):
            return needs.plugged_in(say.PluggedIn(driver, port, end=end), s).text
        case say.CallOver():
            return "This turn is over."
        case say.Withdrawn(driver, port, why, by):
            return withdrawn(driver, port, why, by, s)
        case say.TurnPassed(_, port, by):
            return (
                f"{s.name(by)} passed your turn on {s.port(port)} to the next. Your place is kept."
            )
        case say.SuspensionOver(_, place):
            return f"Your break is over: you're number {place} in line."
        case say.UnpluggedBy():
            return handovers.unplugged_by(message, s)
        case say.MeansToMove():
            return handovers.means_to_move(message, s)
        case say.Foreseen():
            return outlook.foreseen(message, s)
        case say.Promised():
            return outlook.promised(message, s)
        case say.NoPower(_, port, _, None):
            return (
                f"Still no power on {s.port(port)}, so you can be called to another port. If "
                "power comes first, I take you off the line."
            )
        case say.NoPower(_, port, place, until):
            return (
                f"You're plugged in at {s.port(port)}, whose power is off, so you keep your "
                f"place: number {place}. If none flows by {s.at(until)}, you can be called to "
                "another port."
            )
        case say.PortPost(_, port, news, driver):
            return port_post(port, news, driver, s)
        case say.BoardPost():
            return board.post(message, s)
        case say.StandsIdle(port, None, _):
            return f"{s.the_port(port)} has been free for a while, and nobody is waiting."
        case say.StandsIdle(port, driver, deadline):
            return (
                f"{s.the_port(port)} stands idle while people wait: it's kept for "
                f"{s.one(driver)}{s.until(deadline)}. `{s.ev} next` moves on."
            )
        case say.StillThere(port, driver):
            who = s.name(driver) if driver is not None else "somebody I don't know"
            return f"{s.the_port(port)}: {who} is still there, people wait, and asking didn't help. Over to you."
        case say.LineCleared(drivers, late=True):
            return (
                f"I wasn't running when the line closed, so yesterday's ({s.names(drivers)}) is "
                f"cleared only now. `{s.ev} add` puts you in today's."
            )
        case say.LineCleared(drivers):
            opens = s.clock(s.site.policy.opens)
            return f"The line is cleared for the night ({s.names(drivers)}). It opens at {opens}."
        case say.AdminMoved(_, by, 0):
            return f"{s.name(by)} (admin) took you off the line."
        case say.AdminMoved(_, by, place, back=True):
            return f"{s.name(by)} (admin) took an act back: you're number {place} in line again."
        case say.AdminMoved(_, by, place):
            return f"{s.name(by)} (admin) changed your place: you're number {place} in line."
        case say.PowerLimited(caps, everywhere):
            return power(caps, s, everywhere=everywhere)
        case say.CapRefused(by, reason):
            return f"The network refused the power limit that {s.one(by)} asked for: {s.escape(reason)}"
        case say.AlarmRaised(station, port, kind):
            where = s.the_port(port) if port is not None else f"Station {s.escape(station)}"
            closing = ""
            if port is not None and s.to_admins:
                closing = f" `{s.ev} admin close {s.label(port)}` keeps calls away from it."
            return f"{where} reports trouble: {s.escape(kind)}.{closing}"
        case say.SightLost(since):
            return f"I haven't seen the chargers since {s.since(since)}. Nobody is called and no turn runs out until I do."
        case say.SightBack():
            return "I can see the chargers again. Whoever is called has the full time."
        case (
            say.BayBlocked() | say.DoneForYou() | say.CountedUnplugged() | say.Disowned()
            | say.PortBroken() | say.DrewNothing() | say.Unreachable() | say.HasLeft()
        ):  # fmt: skip
            return repairs.sentence(message, s)
        case say.WayFound() | say.WayLost() | say.LetGo():
            return mail.notice(message, s)
        case say.SensorAlarm(port, sensor):
            return f"The sensor {s.escape(sensor)} raises an alarm at {s.port(port)}. Please have a look."
        case say.Unwatched(why):
            return UNWATCHED[why]
        case say.Undelivered(to, reason) if to.endswith(BOARD):
            return board.undelivered(to, reason, s)
        case say.Undelivered(to, reason) if s.is_channel(to):
            return f"I can't write to {s.person(to)} ({s.escape(reason)}). Am I still in it? `python -m bot check` says more, to whoever runs me."
        case say.Undelivered(to, reason):
            return f"I can't write to {s.person(to)} ({s.escape(reason)}), so what I have for them is lost. They may have left, or closed their messages."
        case (
            say.Called() | say.Lapsed() | say.IsItYou() | say.Nudged() | say.PleaseMove()
            | say.PluggedIn() | say.HowMuch() | say.GivenTo() | Line()
            | say.WeeklyReport() | say.ReportPicture() | say.ReportTable()
        ):  # fmt: skip
            raise AssertionError(message)  # these have more than a sentence
        case never:
            assert_never(never)


UNWATCHED = {
    AccessProblem.NO_ACCESS: "ChargePoint refuses our key, so I can't look at the chargers. Whoever "
    "runs me should check CHARGEPOINT_API_KEY, CHARGEPOINT_API_PASSWORD and the region in "
    "CHARGEPOINT_URL: `python -m bot check`.",
    AccessProblem.DENIED: "ChargePoint lets us in, but won't show us this site's chargers: the plan, "
    "the station rights or the stations' ids are wrong. Whoever runs me: `python -m bot check` "
    "says which.",
    AccessProblem.NO_LISTENER: "No listener is running, so nobody looks at the chargers. Whoever "
    "runs me should start `python -m bot run` (or its service) again, and look at its log.",
}


def called(call: say.Called, s: Speech) -> Words:
    turn, where = call.turn, s.port(call.port)
    by = f" by {s.at(call.deadline)}" if s.turns_lapse else ""
    text = f"It's your turn: plug in at {where}{by}."
    if call.instead_of is not None:
        text = (
            f"{s.name(call.taken_by)} plugged in at {s.port(call.instead_of)}, so your turn "
            f"moved: plug in at {where}{by}."
        )
    if call.unplug is not None:
        text += f" {s.name(call.unplug)}'s car there is done and may be unplugged; mind the cable."
    text += handovers.may_start_late(call.port, s)
    if call.aloud:
        text = (
            f"{s.mention(call.driver)}, {text[0].lower()}{text[1:]}"
            if text.startswith("It's")
            else f"{s.mention(call.driver)}: {text}"
        )
    return Words(
        text,
        (
            s.button("On my way", "on_my_way", turn),
            s.button("Pass", "pass", turn),
            s.button("Leave", "leave", turn),
            s.button("Can't use it", "cannot_use", turn, "can't use"),
        ),
    )


def withdrawn(driver: str, port: str, why: Withdrawal, by: str | None, s: Speech) -> str:
    where = s.the_port(port)
    kept = f"so your turn there is off. {s.old_place(driver)}"
    match why:
        case Withdrawal.DARK:
            return f"{where} can't be reached, {kept}"
        case Withdrawal.TAKEN:
            return f"{s.name(by)} plugged in at {s.port(port)}, {kept}"
        case Withdrawal.BROKEN:
            return f"{s.name(by)} says {s.port(port)} doesn't work, {kept}"
        case Withdrawal.KEPT:
            return f"{s.name(by)}'s car on {s.port(port)} may not be unplugged any more, {kept}"
        case Withdrawal.NOT_DONE:
            return f"{s.name(by)}'s car on {s.port(port)} isn't done after all, {kept}"
        case Withdrawal.CLOSED:
            return f"{where} was closed by {s.one(by)}, {kept}"
        case Withdrawal.STATIONS:
            return (
                f"This car park has other chargers now, so your turn is off. {s.old_place(driver)}"
            )
        case Withdrawal.RESET:
            return f"{s.name(by)} (admin) emptied the line, so your turn is off. `{s.ev} add` puts you back."
        case Withdrawal.NIGHT:
            return "The day is over, so your turn is off. Good night."
        case Withdrawal.YESTERDAY:
            return (
                "I wasn't running when the line closed, so your turn of yesterday is off only "
                f"now. `{s.ev} add` puts you in today's line."
            )
        case never:
            assert_never(never)


def is_used(port_id: str, s: Speech) -> bool:
    port = s.site.ports.get(port_id)
    return port is not None and port.status is Status.INUSE


def port_post(port: str, news: News, driver: str | None, s: Speech) -> str:
    where = s.the_port(port)
    match news:
        case News.FREE:
            return f"{where} is free."
        case News.CALLED:
            return f"{where} is free: {s.one(driver)} is called."
        case News.UNPLUGGABLE:
            return f"{where}: the car there is done, and {s.one(driver)} is called to it."
        case News.COMING if is_used(port, s):
            return f"{where}: the car there is done, and {s.one(driver)} is on the way."
        case News.COMING:
            return f"{where} is free: {s.one(driver)} is on the way."
        case News.CHARGING:
            doing = "is plugged in, without power" if s.waits_for_power(port) else "is charging"
            who = s.name(driver) if driver else "a car I don't know"
            return f"{where}: {who} {doing}."
        case News.DARK:
            return f"{where} can't be reached."
        case News.BLOCKED:
            return f"{where} is blocked."
        case News.BROKEN:
            return f"{where} doesn't work."
        case News.CLOSED:
            return f"{where} is closed."
        case never:
            assert_never(never)


SHARES = (
    (0.0, "turned off", ""),
    (0.25, "limited to about a quarter", "about four times as long"),
    (0.35, "limited to about a third", "about three times as long"),
    (0.5, "limited to about half", "about twice as long"),
    (0.65, "limited to about two thirds", "about half as long again"),
    (0.75, "limited to about three quarters", "a third longer"),
    (0.9, "limited a little", "a little longer"),
)


def power(caps: tuple[tuple[str, float], ...], s: Speech, *, everywhere: bool) -> str:
    """Rule 21: one message per change, in the words of drivers."""
    if not caps:
        return "Full power is back on all ports."
    shares = sorted({share for _, share in caps})
    return " ".join(
        limited(
            [port for port, share in caps if share == one], one, s, everywhere and len(shares) == 1
        )
        for one in shares
    )


def limited(ports: list[str], share: float, s: Speech, all_: bool) -> str:
    rows = SHARES[1:] if share else SHARES[:1]
    _, how, longer = min(rows, key=lambda row: abs(row[0] - share))
    where = "all ports" if all_ else s.ports(ports)
    tail = f"; charging takes {longer}" if longer else ""
    return f"Power is {how} on {where} until further notice{tail}."
