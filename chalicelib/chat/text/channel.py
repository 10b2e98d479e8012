"""The words for all: how the ports stand, the night, limits on power, the sight of the chargers."""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import effects as say
from chalicelib.core.effects import News
from chalicelib.core.model import Status

from .format import Speech


def told(message: say.ChannelMessage, s: Speech) -> str:
    match message:
        case say.StandsIdle(port, None, _):
            return f"{s.the_port(port)} has been free for a while, and nobody is waiting."
        case say.StandsIdle(port, driver, deadline):
            return (
                f"{s.the_port(port)} stands idle while people wait: it's kept for "
                f"{s.one(driver)}{s.until(deadline)}. `{s.ev} next` moves on."
            )
        case say.LineCleared(drivers, late=True):
            return (
                f"I wasn't running when the line closed, so yesterday's ({s.names(drivers)}) is "
                f"cleared only now. `{s.ev} add` puts you in today's."
            )
        case say.LineCleared(drivers):
            opens = s.clock(s.site.policy.opens)
            return f"The line is cleared for the night ({s.names(drivers)}). It opens at {opens}."
        case say.PowerLimited(caps, everywhere):
            return power(caps, s, everywhere=everywhere)
        case say.CapRefused(by, reason):
            return f"The network refused the power limit that {s.one(by)} asked for: {s.escape(reason)}"
        case say.SightLost(since):
            return f"I haven't seen the chargers since {s.dated(since)}. Nobody is called and no turn runs out until I do."
        case say.SightBack():
            return "I can see the chargers again. Whoever is called has the full time."
        case never:
            assert_never(never)


def is_used(port_id: str, s: Speech) -> bool:
    port = s.site.ports.get(port_id)
    return port is not None and port.status is Status.INUSE


def port_post(post: say.PortPost, s: Speech) -> str:
    """How a port stands, in the one message about it."""
    port, driver = post.port, post.driver
    where = s.the_port(port)
    match post.news:
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
