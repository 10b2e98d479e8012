"""Commands about oneself, and what there is to know."""

from __future__ import annotations

import re
from datetime import time

from chalicelib.chat import quantities
from chalicelib.chat.grammar import Command, NotRead, a_break, nothing, said, the_port
from chalicelib.chat.reading import Word, echo, plain
from chalicelib.chat.spans import a_span
from chalicelib.core.answers import Misreading
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Alarms,
    AskWhy,
    Block,
    ForgetMe,
    GetCode,
    MailMe,
    MailOff,
    Meet,
    Notify,
    NotMine,
    Prefer,
    RememberMe,
    ShowHelp,
    ShowMail,
    ShowPort,
    ShowPower,
    ShowReport,
    ShowSettings,
    Told,
    Wish,
)

NOTIFY: dict[str, Wish] = {
    **dict.fromkeys(said("sms, text, texts, phone, my phone, by text, by sms, by phone"), Notify("sms")),
    **dict.fromkeys(said("mail, email, e-mail, by mail, by email, by e-mail, mails, emails"), Notify("mail")),
    **dict.fromkeys(said("chat, in chat, slack, mattermost, hipchat"), Notify("")),
    **dict.fromkeys(
        said("here, in the channel, channel, this channel, in this channel, in channel, aloud"),
        Prefer(Told.HERE),
    ),
    **dict.fromkeys(
        said("dm, dms, direct, directly, privately, by dm, me, me directly, all, everything, normal"),
        Prefer(Told.DM),
    ),
    **dict.fromkeys(
        said("quiet, quietly, less, only urgent, urgent, only what cant wait, important"),
        Prefer(Told.QUIET),
    ),
}  # fmt: skip
SPANS = (
    re.compile(r"(?:from |between )?(.+?)(?: ?- ?| to | till? | until | and )(.+)"),
    re.compile(r"(\S+) (\S+)"),  # a dash between blanks is no word
)
OFF = said("off, none, never, over, no, end, stop")
ALL_DAY = said("all day, always, 24h, 24 hours, all the time, the whole day, forever")
FREE = said("free, taken, in use, available, charging, open, occupied, busy")


def notify(rest: list[Word]) -> Wish:
    """`notify here`, `notify dm`, `notify quiet`, `notify sms`, `notify mail`, `notify chat`; alone: explained."""
    if not rest:
        return ShowHelp("notify")
    wish = NOTIFY.get(plain(rest))
    if wish is None:
        raise NotRead(Misreading.EXTRA, echo(rest), "notify dm")
    return wish


def quiet(rest: list[Word]) -> Wish:
    """`quiet 22:00-07:00`, `quiet from 12 to 1`, `quiet off`; alone: explained."""
    if not rest:
        return ShowHelp("quiet")
    text = plain(rest).removeprefix("hours ")
    if text in OFF:
        return Prefer(no_hours=True)
    if text in ALL_DAY:
        return Prefer(hours=(time(0), time(0)))
    found = next(filter(None, (one.fullmatch(text) for one in SPANS)), None)
    begins, ends = map(quantities.clock_time, found.groups()) if found else (None, None)
    if begins is None or ends is None:
        raise NotRead(Misreading.LENGTH, echo(rest))
    return Prefer(hours=span(begins, ends))


def span(begins: ClockTime, ends: ClockTime) -> tuple[time, time]:
    """Two times of day as they are meant together: `12` to `1` is an hour at noon, `22` to `7` is
    a night, and nobody's quiet hours begin at `1` at night.
    """
    early = not begins.exact and begins.hour < 6
    start = time(begins.hour + 12 if early else begins.hour, begins.minute)
    end = time(ends.hour, ends.minute)
    if not ends.exact and ends.hour <= 12:
        late = time((ends.hour + 12) % 24, ends.minute)
        end = min(end, late, key=lambda one: minutes_between(start, one))
    return start, end


def minutes_between(begins: time, ends: time) -> int:
    minutes = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
    return minutes if minutes > 0 else minutes + 24 * 60


def meeting(rest: list[Word]) -> Wish:
    """`meeting until 11:00`, `meeting 45m`, `meeting over`; when it begins is now."""
    if not rest:
        return ShowHelp("meeting")
    if plain(rest) in (*OFF, "is over", "done", "ended", "finished"):
        return Meet()
    if rest[0].plain in ("at", "from"):
        raise NotRead(Misreading.LENGTH, echo(rest))
    return Meet(*a_break(rest))


def meetings(rest: list[Word]) -> Wish:
    """`meetings on`, `meetings off`; alone: explained."""
    words = plain(rest)
    if not words:
        return ShowHelp("meetings")
    if words in OFF or words == "ignore":
        return Prefer(heeds_status=False)
    if words in ("on", "yes", "heed", "look"):
        return Prefer(heeds_status=True)
    raise NotRead(Misreading.EXTRA, echo(rest), "meetings on")


def clock(rest: list[Word]) -> Wish:
    """`clock 12`, `clock 24`; alone: explained."""
    words = plain(rest).removesuffix("hours").removesuffix("hour").removesuffix("h").strip(" -")
    if not words:
        return ShowHelp("clock")
    if words in ("12", "am/pm", "am pm", "am"):
        return Prefer(clock=12)
    if words == "24":
        return Prefer(clock=24)
    raise NotRead(Misreading.EXTRA, echo(rest), "clock 24")


def mail(rest: list[Word]) -> Wish:
    """`mail ana@work.example`, `mail`, `mail off`."""
    while rest and rest[0].plain in ("me", "me at", "to", "at", "my", "is"):
        rest = rest[1:]
    if not rest:
        return ShowMail()
    if plain(rest) in OFF:
        return MailOff()
    if len(rest) > 1 or "@" not in rest[0].kept[1:]:
        raise NotRead(Misreading.EXTRA, echo(rest), "mail ana@work.example")
    return MailMe(rest[0].kept.removeprefix("mailto:"))


def alarms(rest: list[Word]) -> Wish:
    """`alarms on`, `alarms off`."""
    if not rest:
        return ShowHelp("alarms")
    if plain(rest) in ("on", "yes"):
        return Alarms(on=True)
    if plain(rest) in OFF:
        return Alarms(on=False)
    raise NotRead(Misreading.EXTRA, echo(rest), "alarms on")


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
        ("notify",), notify,
        "be called in the channel (`notify dm`: directly; `quiet`: only what can't wait)",
        "notify here", ("notify dm", "notify quiet", "notify sms", "notify mail", "notify chat"),
    ),
    Command(
        ("quiet", "quiet hours", "dnd"), quiet, "not be called in these hours (`quiet off`: at any time)",
        "quiet 22:00-07:00", ("quiet off",),
    ),
    Command(
        ("meeting",), meeting, "not be called before then, in line or not (`meeting over` ends it)",
        "meeting until 11:00", ("meeting 45m", "meeting over"),
        also=said("im in a meeting, i am in a meeting, meeting is"),
    ),
    Command(
        ("meetings",), meetings, "not be called while your status says that you are in a meeting",
        more=("meetings on", "meetings off"),
    ),
    Command(
        ("clock",), clock, "have times as 3:04 pm (`clock 24`: as 15:04)", more=("clock 12", "clock 24"),
    ),
    Command(
        ("settings", "my settings", "preferences"), nothing(ShowSettings()),
        "how you are told and called, and how to change it", "settings",
        also=said("show my settings, show settings, my preferences, options for me, how am i told"),
    ),
    Command(
        ("mail", "email", "e-mail"), mail, "have alarms and reports by mail (`mail off`: no more)",
        "mail ana@work.example", ("mail", "mail off"),
        also=said("mail me, email me, my mail, my email, my e-mail"),
    ),
    Command(
        ("alarms",), alarms, "hear of what breaks here, as admins do (`alarms off`: no more)",
        "alarms on", ("alarms off",),
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
