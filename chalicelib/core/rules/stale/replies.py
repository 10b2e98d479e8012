"""What was asked long ago, answered as it stands now."""

from __future__ import annotations

from chalicelib.core import answers as say
from chalicelib.core.answers import Answer
from chalicelib.core.draft import Draft
from chalicelib.core.effects import BoardPost, Effect
from chalicelib.core.model import Status
from chalicelib.core.rules import absence, foresight, needs
from chalicelib.core.rules.boards import as_it_stands
from chalicelib.values import replace

from .turns import stands


def timed(d: Draft, effect: Effect) -> Effect:
    """An answer with times, as they are foreseen when it is sent at last."""
    match effect:
        case BoardPost(off=False):
            return as_it_stands(d)
        case say.Added(driver, port=None) | say.YourPlace(driver, port=None):
            return replace(effect, expected=foresight.tell(d, driver))
        case say.Line():
            every = tuple(foresight.all_expected(d).items())
            return replace(effect, ends=foresight.ends(d), expected=every)
        case say.Ports(driver, expected=expected):
            told = foresight.tell(d, driver) if expected is not None else None
            return replace(effect, ends=foresight.ends(d), expected=told)
        case say.Whenever(driver):
            return replace(effect, expected=foresight.expected(d, driver))
        case say.NeedNoted(driver, changed=changed, port=port):
            return needs.shown(d, driver, port, changed=changed)
        case _:
            return effect


def answer(d: Draft, effect: Answer) -> Answer | None:
    """An answer that had to wait: what was asked long ago is answered as it stands now."""
    match effect:
        case say.Added(driver) | say.YourPlace(driver):
            if d.entry(driver) is None:
                return None
            away = absence.away_until(d, driver)
            now = replace(effect, place=d.place(driver), port=d.turn_port(driver))
            return replace(now, away_until=away)
        case say.Resumed(driver):
            if d.entry(driver) is None:
                return None
            return replace(effect, place=d.place(driver), port=d.turn_port(driver))
        case say.Removed(driver):
            return effect if d.entry(driver) is None else None
        case say.Suspended(driver, until):
            entry = d.entry(driver)
            still = entry is not None and entry.is_suspended and entry.until == until
            return replace(effect, port=None) if still else None
        case say.Coming(driver, turn=turn):
            held = d.turn(driver)
            if held is None or held.id != turn or held.deadline is None:
                return None
            return replace(effect, deadline=held.deadline)
        case say.Passed(driver) | say.MovedOn(driver) | say.NotMe(driver):
            return effect if stands(d, driver) else None
        case say.ItsMe(driver, stay=stay) | say.MoreTime(driver, stay=stay):
            found = d.stay(stay)
            return effect if found is not None and found[1].driver == driver else None
        case say.MovesAt(driver, stay=stay, at=at):
            found = d.stay(stay)
            return effect if found is not None and found[1].moving_at == at else None
        case say.HandOut(port=port):
            return effect if d.ports[port].status is Status.AVAILABLE else None
        case _:
            return effect
