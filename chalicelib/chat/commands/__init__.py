"""Everything that people can ask for, in one table, and how it is found in what they typed.

A new command is one entry in its chapter's COMMANDS: its words, what may follow (`grammar`),
its line in the help, and an example. The help keeps the order of the tables. What admins may
ask for stands in `admin_commands`; `parsing` finds the entry.
"""

from __future__ import annotations

from chalicelib.chat.admin_commands import an_act
from chalicelib.chat.grammar import Command, NotRead, said
from chalicelib.chat.reading import Word, echo, nearest, plain
from chalicelib.core.answers import Misreading
from chalicelib.core.inputs import ShowHelp, Wish

from . import line, people, ports, talk


def help_on(rest: list[Word]) -> Wish:
    """`help`, and `help suspend` for one command."""
    if not rest:
        return ShowHelp()
    topic = plain(rest)
    known = {phrase: one.words[0] for one in COMMANDS for phrase in (*one.words, *one.also)}
    if rest[0].plain == "admin":
        return ShowHelp(f"admin {an_act(rest[1:])}".strip())
    if topic in known:
        return ShowHelp(known.get(topic, topic))
    raise NotRead(Misreading.UNKNOWN, echo(rest), nearest(topic, known))


HELP: Command[Wish] = Command(
        ("help", "commands"), help_on, "this (`help suspend`: more about one of them)", "help",
        also=said(
            "h, man, usage, what can you do, what can i say, what can i do, how does this "
            "work, how do i use this, how do you work, options, menu"
        ),
        fillers=("me",),
    )  # fmt: skip

COMMANDS = (*line.COMMANDS, *ports.COMMANDS, *people.COMMANDS, HELP, *talk.COMMANDS)
