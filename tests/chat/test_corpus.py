"""What people type, and what is ordinary talk: read as it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.chat.parsing import overhear, parse
from chalicelib.core import acts, inputs
from chalicelib.core.hours import ClockTime
from chalicelib.core.policy import written
from chalicelib.energy.needs import Need, Unit

HERE = Path(__file__).parent / "corpus"
HEADING = re.compile(r"\[[a-z ,']+\]")
PLAIN: dict[type[object], str] = {
    inputs.When: "when", inputs.ForgetMe: "forget me",
    inputs.Remove: "remove", inputs.ShowLine: "list", inputs.ShowStatus: "status", inputs.Resume: "resume",
    inputs.Next: "next", inputs.OnMyWay: "coming", inputs.Pass: "pass", inputs.NotMine: "not me", inputs.RememberMe: "remember", inputs.AskWhy: "why",
}  # fmt: skip


def lines(name: str) -> Iterator[str]:
    """The lines of a file that are no comments and no headings."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and not HEADING.fullmatch(line):
            yield line


def typed() -> Iterator[tuple[str, str]]:
    """What is typed, and what it means."""
    for line in lines("typed.txt"):
        text, _, meaning = line.rpartition(" => ")
        yield text.encode("latin-1", "backslashreplace").decode("unicode_escape"), meaning


OF_A_PORT = {
    inputs.ShowNeed: "show need", inputs.NoNeed: "no need", inputs.NotYet: "not yet", inputs.CannotUse: "cannot use",
}  # fmt: skip


def meaning(wish: inputs.Wish) -> str:
    """A wish in the words of the corpus."""
    match wish:
        case inputs.Suspend(length, until):
            return f"suspend {long(length)}{clock(until)}".strip()
        case inputs.In(port) | inputs.Out(port):
            return f"{'in' if isinstance(wish, inputs.In) else 'out'} {port}".strip()
        case inputs.Block(_, port) | inputs.DoneMoving(_, port):
            return f"{'blocked' if isinstance(wish, inputs.Block) else 'moving'} {port}".strip()
        case inputs.MoreMinutes(_, port, length):
            return f"more {port}{long(length)}".strip()
        case inputs.Add(need, by):
            return " ".join(filter(None, ("add", amount(need), clock(by, "by"))))
        case inputs.SayNeed(need, by, port):
            on = f"on {port}" if port else ""
            return " ".join(filter(None, ("need", amount(need), clock(by, "by"), on)))
        case (
            inputs.ShowNeed(port)
            | inputs.NoNeed(port)
            | inputs.NotYet(port=port)
            | inputs.CannotUse(port=port)
        ):
            return f"{OF_A_PORT[type(wish)]} {port}".strip()
        case inputs.MovingAt(at, length):
            return f"moving in {long(length)}" if length else f"moving {clock(at, 'at')}"
        case inputs.Give(who):
            return f"give {who}"
        case inputs.CanUse(port):
            return f"can use {port}"
        case inputs.MayUnplug(ok):
            return f"unplug {'yes' if ok else 'no'}"
        case inputs.NotMyCar(port=port):
            return f"not my car {port}".strip()
        case inputs.NudgePort(port):
            return f"nudge {port}"
        case inputs.Broken(port, words):
            return f"broken {port} {words}".strip()
        case inputs.ShowPort(port):
            return f"port {port}"
        case inputs.ShowPower(week):
            return "power week" if week else "power"
        case inputs.ShowHelp(topic):
            return f"help {topic}".strip()
        case inputs.SmallTalk(what):
            return str(what)
        case inputs.Admin(act):
            return f"admin {deed(act)}"
        case inputs.Unclear(answer, _, admins):
            better = (admins if answer.why == "unknown" else "") or answer.better
            guess = f", {better}" if answer.why == "unknown" and better else ""
            return f"refused {answer.why}{guess}"
    return PLAIN[type(wish)]


def long(length: timedelta | None) -> str:
    return written(length) if length is not None else ""


def amount(need: Need | None) -> str:
    if need is None or need.unit is Unit.FULL:
        return "" if need is None else "full"
    return f"{need.amount:g} {need.unit}"


def clock(until: ClockTime | None, how: str = "until") -> str:
    if until is None:
        return ""
    return f"{how} {until.hour}:{until.minute:02}{'' if until.exact else '?'}"


def deed(act: acts.Act) -> str:
    match act:
        case acts.ShowActs():
            return "help"
        case acts.ShowSite():
            return "show"
        case acts.Reset(confirmed):
            return "reset confirm" if confirmed else "reset"
        case acts.Put(who, place):
            return f"add {who}{f' {place}' if place else ''}"
        case acts.Take(who):
            return f"remove {who}"
        case acts.Move(who, place):
            return f"move {who} {place}"
        case acts.Grant(who):
            return f"grant {who}"
        case acts.Revoke(who):
            return f"revoke {who}"
        case acts.Link(pairs):
            return "link " + " ".join(f"{who}={one}" for who, one in pairs)
        case acts.Close(ports):
            return f"close {' '.join(ports)}"
        case acts.Open(ports):
            return f"open {' '.join(ports)}"
        case acts.SetPolicy(key, value):
            return f"set {key} {written(value)}"
        case acts.Limit(kw, share, length):
            amount = f"{kw:g}kW" if kw is not None else f"{100 * (share or 0):g}%"
            return f"cap {amount} {long(length)}".strip()
        case acts.Lift():
            return "cap off"
        case acts.UndoLast():
            return "undo"
        case acts.ShowLog():
            return "log"
        case acts.Free(port):
            return f"free {port}"
        case acts.Unlink(who, ids):
            return f"unlink {who} {' '.join(ids)}".strip()
        case acts.OnBehalf(who, wish):
            verb, _, rest = meaning(wish).partition(" ")
            return f"{verb} {who} {rest}".strip()
    raise AssertionError(act)


@pytest.mark.parametrize(("text", "means"), list(typed()))
def test_typed(text: str, means: str) -> None:
    """What is typed is understood, or refused with the reason."""
    assert meaning(parse(text, "slack:T0HQ")) == means


@pytest.mark.parametrize("text", list(lines("talk.txt")))
def test_talk(text: str) -> None:
    """Ordinary talk is left alone: nobody but us begins a message with `ev` and a command."""
    begins = text[:2].casefold() == "ev" and not text[2:3].isalnum()
    assert not begins or overhear(text, "slack:T0HQ") is None


def test_there_are_enough() -> None:
    """Three hundred of each, at least, and each once."""
    for found in ([text for text, _ in typed()], list(lines("talk.txt"))):
        assert len(found) >= 300
        assert len(set(found)) == len(found), [one for one in found if found.count(one) > 1]
