"""Everything that people can ask for, in one table, and how it is found in what they typed.

A new command is one entry of COMMANDS: its words, what may follow (`grammar`), its line in
the help, and an example. What admins may ask for stands in `admin_commands`; `parsing`
finds the entry.
"""

from __future__ import annotations

from chalicelib.core.answers import Courtesy, Misreading
from chalicelib.core.inputs import (
    AskWhy,
    Block,
    Broken,
    CannotUse,
    CanUse,
    ForgetMe,
    GetCode,
    In,
    MayUnplug,
    MoreMinutes,
    Next,
    Notify,
    NotMine,
    NotMyCar,
    NotYet,
    NudgePort,
    OnMyWay,
    Out,
    Pass,
    RememberMe,
    Remove,
    Resume,
    ShowHelp,
    ShowLine,
    ShowPort,
    ShowPower,
    ShowStatus,
    SmallTalk,
    Suspend,
    When,
    Wish,
)

from . import needs, quantities
from .grammar import (
    Command,
    NotRead,
    a_break,
    maybe_port,
    nothing,
    port_of,
    the_port,
    with_port,
)
from .reading import Word, echo, kept, nearest, plain


def said(phrases: str) -> tuple[str, ...]:
    """Phrases with commas between; apostrophes are never compared."""
    return tuple(phrases.split(", "))


LINE = (
    "line",
    "the line",
    "list",
    "the list",
    "queue",
    "the queue",
    "the waitlist",
    "the waiting list",
)
INTO = (*LINE, *(f"{where} {what}" for where in ("to", "in", "on") for what in LINE))
OUT_OF = (*LINE, *(f"{where} {what}" for where in ("from", "off", "out of") for what in LINE))  # fmt: skip


def suspend(rest: list[Word]) -> Wish:
    """`suspend`, `suspend 45m`, `suspend until 3pm`."""
    return Suspend(*a_break(rest)) if rest else Suspend()


def back(rest: list[Word]) -> Wish:
    """`back` ends a break; `back at 3` and `back in 20m` begin one."""
    if rest and rest[0].plain in ("at", "in", "by"):
        return Suspend(*a_break(rest))
    return nothing(Resume())(rest)


def more(rest: list[Word]) -> Wish:
    """`more`, `more 3` (a port), `more 20 minutes`."""
    port = port_of(rest) if rest else None
    length = quantities.length(plain(rest)) if rest and port is None else None
    if rest and port is None and length is None:
        raise NotRead(Misreading.EXTRA, echo(rest))
    return MoreMinutes(port=port or "", length=length)


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


def broken(rest: list[Word]) -> Wish:
    """`broken`, `broken 2`, `broken 2 the cable is torn`: a port, and the reason in their words."""
    while rest and rest[-1].plain in ("please", "pls", "plz", "thanks"):
        rest = rest[:-1]
    for count in range(min(3, len(rest)), 0, -1):
        port = port_of(rest[:count])
        if port is not None:
            return Broken(port, kept(rest[count:]))
    return Broken("", kept(rest))


def how_much_power(rest: list[Word]) -> Wish:
    """`power [day|week]`."""
    words = plain(rest)
    if words in ("", "day", "today", "now", "the day", "last day"):
        return ShowPower()
    if words in ("week", "this week", "the week", "last week"):
        return ShowPower(week=True)
    raise NotRead(Misreading.EXTRA, echo(rest), "power week")


def help_on(rest: list[Word]) -> Wish:
    """`help`, and `help suspend` for one command."""
    if not rest:
        return ShowHelp()
    topic = plain(rest)
    known = {phrase: one.words[0] for one in COMMANDS for phrase in (*one.words, *one.also)}
    if topic == "admin" or topic in known:
        return ShowHelp(known.get(topic, topic))
    raise NotRead(Misreading.UNKNOWN, echo(rest), nearest(topic, known))


COMMANDS: tuple[Command[Wish], ...] = (
    Command(
        ("add", "join", "queue me", "line me up", "enqueue", "+1", "sign me up"), needs.add,
        "stand in line, and say what you need (or `60 km`, `90 min`, `full`)", "add 12 kWh by 16:00",
        ("add", "add 60 km", "add full by 4pm"),
        also=said(
            "put me in, put me on, put me, put me down, get in, stand in, line up, wait, "
            "charge, need a charge, need to charge, need charging, i need a charge, i need to "
            "charge, i need a charger, need a charger, get me a charger, count me in, "
            "let me in, get me in, in line, in the line, in the queue, put me back, add me back"
        ),
        fillers=("me", "myself", *INTO, "my car", "up", "for charging", "for a charger"),
    ),
    Command(
        ("remove", "leave", "cancel", "quit", "unjoin"), nothing(Remove()),
        "leave the line", "remove",
        also=said(
            "exit, delete, drop, drop out, dequeue, take me off, take me out, get me off, get me out, "
            "get out, step out, i want out, un-add, unadd, withdraw, bail"
        ),
        fillers=("me", "myself", "my place", "my spot", "my place in line", "my place in the queue", *OUT_OF, "off", "out"),
    ),
    Command(
        ("list", "line", "queue", "who"), nothing(ShowLine()),
        "the line and the chargers", "list",
        also=said(
            "ls, show, show me, the list, the line, the queue, waitlist, waiting list, "
            "overview, display, view, who is next, whos next, whos up next, who is first, whos first, who "
            "is in line, whos in line, who is waiting, whos waiting, who is in the line, who "
            "is in the queue, whos in the queue"
        ),
        fillers=said(
            "all, everyone, everybody, everything, list, line, queue, the list, the line, the "
            "queue, in line"
        ),
    ),
    Command(
        ("status", "where"), with_port(ShowStatus(), ShowPort),
        "the chargers, and where you stand (or one port)", "status", ("status 2",),
        also=said(
            "stat, stats, state, info, place, pos, position, my place, my position, my status, my "
            "turn, where am i, whats my place, what is my place, whats my position, whats the status, am i in line, how many are waiting, how many people are ahead of me, how many are ahead of me, what number am i, whats my "
            "number, am i next, is it my turn, is it my turn yet, how long is the line, ports, "
            "chargers, check, free, available, "
            "availability, any free, anything free, is anything free, any charger free, any "
            "chargers free, any port free, any ports free, is there a free charger, is there "
            "a free port, is there a free spot, is a charger free, is one free, whats free, "
            "what is free, which are free, who is charging, whos charging"
        ),
        fillers=said(
            "all, in line, in the line, in the queue, ports, chargers, of the chargers, me"
        ),
    ),
    Command(
        ("need",), needs.need,
        "what you said you need, and how much you have (`need 12 kWh` says it)", "need",
        ("need 12 kWh by 16:00", "need none"),
        also=said("my need, what do i need, how much do i have, how much have i, i need"),
    ),
    Command(
        ("when",), nothing(When()), "when you should be called", "when",
        also=said(
            "when is my turn, whens my turn, when is it my turn, when am i up, when will it be "
            "my turn, when can i charge, how long, how long is the wait, how long do i have to "
            "wait, how much longer, eta"
        ),
    ),
    Command(
        ("suspend", "snooze", "pause"), suspend,
        "keep your place, let others pass (or `suspend until 3pm`)", "suspend 45m",
        ("suspend until 3pm", "suspend"),
        also=said(
            "hold, away, afk, brb, busy, break, take a break, im away, im busy, in a meeting, "
            "hold my place, hold my spot, keep my place"
        ),
        fillers=said("me, my place, my spot, my turn"),
    ),
    Command(
        ("resume", "unsuspend", "unpause"), nothing(Resume()),
        "you can be called again", "resume",
        also=said("unsnooze, un-suspend, continue, ready, im ready, i am ready"),
        fillers=said("me, my place"),
    ),
    Command(("back",), back, "you can be called again (`back at 3`: from then on)", also=said("im back, i am back, am back, be back")),
    Command(
        ("next",), nothing(Next()), "pass the turn on, or see who is next", "next",
        also=said("move on, call the next, call next"), fillers=said("one"),
    ),
    Command(
        ("coming", "on my way", "omw", "otw"), nothing(OnMyWay()),
        "I'm called, and on my way", "coming",
        also=said(
            "im coming, i am coming, im on my way, on the way, heading over, heading down, "
            "heading there, be right there, go"
        ),
        fillers=said("down, over, now"),
    ),
    Command(
        ("pass", "skip"), nothing(Pass()),
        "I'm called; let the next go, and keep my place", "pass",
        also=said("cant come, i cant come, not this time, let the next go"),
        fillers=said("me, my turn, this turn, this time, it"),
    ),
    Command(
        ("more", "20 more minutes", "extend"), more,
        "20 more minutes, once, for my car (`more 3`: the one on port 3)", "more", ("more 3",),
        also=said(
            "more time, more minutes, 20 more, 20 more mins, 20 more min, 20 minutes more, "
            "need more time, i need more time, longer, a bit longer, need longer, extension"
        ),
        fillers=said("time, minutes, my time"),
    ),
    Command(
        ("moving", "done", "moving now", "done moving", "finished"), needs.moving,
        "I'm on my way to move my car (or `moving at 11:30`)", "moving", ("moving at 11:30", "moving in 10 min"),
        also=said(
            "move, moving my car, moving it, im moving, im done, i am done, all done, done "
            "charging, finished charging, im done charging, im finished charging, will move, im finished"
        ),
        fillers=said("my car, the car, it"),
    ),
    Command(
        ("not yet", "not moving"), nothing(NotYet()), "I said I'd move, and can't yet",
        also=said("im not moving, cant move yet, not moving yet, cant move"),
    ),
    Command(
        ("unplug yes",), nothing(MayUnplug(ok=True)),
        "the next one may unplug you when you're done (or `unplug no`)", "unplug yes",
        also=said(
            "yes unplug me, unplug me, you may unplug me, may unplug, may unplug me, unplug ok, "
            "unplug on, unplug my car, ok to unplug"
        ),
    ),
    Command(
        ("unplug no",), nothing(MayUnplug(ok=False)), "nobody is called to unplug you",
        also=said("dont unplug, dont unplug me, do not unplug, do not unplug me, unplug off, unplug never, never unplug me"),
    ),
    Command(
        ("give",), needs.give, "your place, to somebody in line", "give @ana",
        also=said("hand my place to, hand over to"),
    ),
    Command(
        ("cant use",), nothing(CannotUse()), "I'm called to a port that my car can't use", "can't use",
        also=said("cannot use, i cant use, wont fit, doesnt fit, does not fit, wrong plug"),
        fillers=said("it, this, that, this port, that port, this one, that one, this charger, that charger, the port, the cable"),
    ),
    Command(
        ("can use",), the_port(CanUse), "call me to that port again",
        also=said("i can use"),
    ),
    Command(
        ("in", "here", "plugged in"), maybe_port(In),
        "my car is on port 2 (when I can't see it)", "in 2",
        also=said(
            "plugged, im in, i am in, im on, im at, im here, im plugged in, i plugged in, charging, im charging, i am charging, "
            "parked"
        ),
    ),
    Command(
        ("out", "unplugged"), maybe_port(Out),
        "port 2 is free (when I can't see it)", "out 2",
        also=said("left, i left, im out, i unplugged, unplug, gone"),
    ),
    Command(
        ("blocked",), maybe_port(lambda port: Block(port=port)),
        "I'm called, and the bay is blocked", "blocked",
        also=said(
            "its blocked, bay blocked, bay is blocked, the bay is blocked, port is blocked, "
            "spot is blocked, iced, got iced, i got iced"
        ),
    ),
    Command(
        ("not my car", "not my car any more"), maybe_port(lambda port: NotMyCar(port=port)),
        "the car on my port isn't mine any more (`not my car 2`)", "not my car",
        also=said(
            "thats not my car any more, my car is gone, my car has left, my car isnt there, "
            "i have left, im gone, not my car anymore, no longer my car"
        ),
        fillers=said("any more, anymore"),
    ),
    Command(
        ("broken",), broken, "the port that I'm called to, or plugged in at, doesn't work",
        "broken 2", ("broken 2 cable torn",),
        also=said("defect, defective, doesnt work, does not work, not working"),
        talks=True,
    ),
    Command(
        ("nudge", "remind"), the_port(NudgePort),
        "remind whoever is on port 2 that people wait, without your name", "nudge 2",
        fillers=said("them"),
    ),
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
    Command(
        ("help", "commands"), help_on, "this (`help suspend`: more about one of them)", "help",
        also=said(
            "h, man, usage, what can you do, what can i say, what can i do, how does this "
            "work, how do i use this, how do you work, options, menu"
        ),
        fillers=("me",),
    ),
    Command(
        ("thanks", "thank you", "thx"), nothing(SmallTalk(Courtesy.THANKS)),
        also=said(
            "ty, tysm, cheers, thanks a lot, thanks so much, thank you so much, thank you "
            "very much, many thanks, much appreciated, good bot, great, awesome, perfect, "
            "nice, cool, got it, merci, danke, gracias, thank u"
        ),
        fillers=said("you, a lot, so much, very much, again, concierge, bot"),
    ),
    Command(
        ("hi", "hello", "hey"), nothing(SmallTalk(Courtesy.HELLO)),
        also=said(
            "yo, hiya, howdy, good morning, morning, good afternoon, good evening, hallo, "
            "hola, greetings, hey there, hi there, hello there"
        ),
        fillers=said("there, all, everyone, concierge, bot, again"),
    ),
)  # fmt: skip
