"""Commands about oneself, and what there is to know."""

from __future__ import annotations

from chalicelib.chat.grammar import Command, NotRead, nothing, said, the_port
from chalicelib.chat.reading import Word, echo, plain
from chalicelib.chat.spans import a_span
from chalicelib.core.answers import Misreading
from chalicelib.core.inputs import (
    AskWhy,
    Block,
    ForgetMe,
    GetCode,
    Notify,
    NotMine,
    RememberMe,
    ShowHelp,
    ShowPort,
    ShowPower,
    ShowReport,
    Wish,
)

FREE = said("free, taken, in use, available, charging, open, occupied, busy")
BY_TEXT = said("sms, text, texts, phone, my phone, by text, by sms, by phone")
BY_CHAT = said("chat, here, in chat, slack, mattermost, hipchat, dm")


def notify(rest: list[Word]) -> Wish:
    """`notify sms`, `notify chat`; alone it is explained."""
    if not rest:
        return ShowHelp("notify")
    where = plain(rest)
    if where in BY_TEXT:
        return Notify("sms")
    if where in BY_CHAT:
        return Notify("")
    raise NotRead(Misreading.EXTRA, echo(rest), "notify sms")


def which_port(rest: list[Word]) -> Wish:
    """`port 2`, `is 2 free`; `port 2 is blocked` says that it is."""
    if plain(rest[-2:]) in ("is blocked", "is iced"):
        return the_port(lambda port: Block(port=port))(rest[:-2])
    while len(rest) > 1 and (plain(rest[-1:]) in FREE or plain(rest[-1:]) in ("is", "now")):
        rest = rest[:-1]
    return the_port(ShowPort)(rest)


def report(rest: list[Word]) -> Wish:
    """`report [week|month] [csv]`."""
    csv = any(one.plain == "csv" for one in rest)
    kept = [one for one in rest if one.plain not in ("csv", "as")]
    return ShowReport(a_span(kept), csv=csv)


def how_much_power(rest: list[Word]) -> Wish:
    """`power [day|week]`."""
    words = plain(rest)
    if words in ("", "day", "today", "now", "the day", "last day"):
        return ShowPower()
    if words in ("week", "this week", "the week", "last week"):
        return ShowPower(week=True)
    raise NotRead(Misreading.EXTRA, echo(rest), "power week")


COMMANDS: tuple[Command[Wish], ...] = (
    Command(
        ("phone",), nothing(GetCode()), "a code that joins your phone, to be asked and told by text",
        "phone",
        also=said("my phone, my number, add my phone, text me, sms, phone code"),
    ),
    Command(
        ("notify",), notify, "be told by text from now on (`notify chat`: here again)",
        "notify sms", ("notify chat",),
    ),
    Command(
        ("not me", "not mine"), nothing(NotMine()), "that car isn't mine",
        also=said(
            "thats not me, its not me, wasnt me, thats not my car, it isnt me"
        ),
    ),
    Command(
        ("remember me", "remember"), nothing(RememberMe()), "know my card from now on",
        also=said("remember my card, remember it, know my card"),
    ),
    Command(
        ("why",), nothing(AskWhy()), "what happened to my place", "why",
        also=said(
            "what happened, what happened to my place, what happened to my turn, history, why "
            "me, why was i skipped, why am i not called, why wasnt i called"
        ),
    ),
    Command(
        ("report",), report,
        "what a week came to: use, waits, needs, promises (or `report month`)", "report",
        ("report month", "report csv"),
        also=said("report card, the report, weekly report, week report, statistics, figures"),
    ),
    Command(
        ("power",), how_much_power,
        "the building's power, the last day's or week's", "power", ("power week",),
        also=said("building, building power, the power, energy, consumption"),
    ),
    Command(("port",), which_port, also=said(
            "who is on, whos on, who is at, whos at, who is in, whos in, who is charging on, "
            "who is charging at, whos charging on, whos charging at, whose car is on, whose "
            "car is at, whose car is in, whose is, whats on, what is on, is"
        )),
    Command(
        ("forget me",), nothing(ForgetMe()),
        "know nothing of me any more: card, habits, whose my stays were", "forget me",
        also=said("forget my data, delete my data, delete me, forget about me, erase me"),
    ),
)  # fmt: skip
