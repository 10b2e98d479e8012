"""`help` and `admin help`: what there is to type, and nothing that isn't set up here."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.chat.admin_commands import ADMIN_COMMANDS
from chalicelib.chat.commands import COMMANDS
from chalicelib.core.answers import AdminHelp, Help

from .format import Speech
from .joining import NO_TEXTS
from .mail import NO_MAIL

HELP = tuple((one.example, one.help) for one in COMMANDS if one.example)
ADMIN_HELP = tuple((one.example, one.help) for one in ADMIN_COMMANDS if one.example)
SHORT_HELP = (
    "add", "remove", "list", "status", "suspend 45m", "resume", "coming", "pass", "next", "in 2",
    "out 2", "more", "moving", "why",
)  # fmt: skip
SMS, MAIL = "sms", "mail"
NEEDS = {  # what is offered only where the operator has set up the way
    SMS: ("phone", "notify sms"),
    MAIL: ("mail ana@work.example", "mail", "mail off", "notify mail"),
}
NONE = {SMS: NO_TEXTS, MAIL: NO_MAIL}
TOLD = {SMS: "`notify sms`: by text", MAIL: "`notify mail`: by mail"}


def has_number(s: Speech) -> bool:
    """The site has a number for texts."""
    return any(one.startswith("sms:") for one in s.site.channels)


def missing(told: Help, s: Speech) -> list[str]:
    """The ways that nobody has set up here."""
    return [way for way, is_there in ((SMS, has_number(s)), (MAIL, told.mail)) if not is_there]


def is_offered(phrase: str, lacks: list[str]) -> bool:
    return not any(phrase in NEEDS[way] for way in lacks)


def help_(told: Help, s: Speech) -> Iterator[str]:
    """All commands a line each, or one of them with its examples."""
    if told.topic:
        yield help_on(told, s)
        return
    if not s.ev:  # where only the shortest will do
        yield f"Text me: {', '.join(f'`{one}`' for one in SHORT_HELP)}. `help add` says more."
        return
    lacks = missing(told, s)
    for phrase, meaning in HELP:
        if is_offered(phrase, lacks):
            yield f"`{s.ev} {phrase}` — {meaning}{further(phrase, lacks)}"
    if told.admin:
        yield f"`{s.ev} admin` — what you can do as an admin"


def further(phrase: str, lacks: list[str]) -> str:
    """By which other ways somebody may be told."""
    ways = [words for way, words in TOLD.items() if way not in lacks]
    return f" ({', '.join(ways)})" if ways and phrase.startswith("notify") else ""


def help_on(told: Help, s: Speech) -> str:
    """`help suspend`."""
    topic, lacks = told.topic, missing(told, s)
    if topic.startswith("admin"):
        return help_for_admins(topic.removeprefix("admin").strip(), s, admin=told.admin)
    command = next((one for one in COMMANDS if one.words[0] == topic), COMMANDS[0])
    example = command.example or topic
    for way in lacks:
        if example in NEEDS[way]:
            return NONE[way]
    others = [one for one in command.words[1:] if " " not in one]
    says = f" Also: {', '.join(f'`{s.ev} {one}`' for one in others)}." if others else ""
    examples = [one for one in (example, *command.more) if is_offered(one, lacks)]
    ways = ", ".join(f"`{s.ev} {one}`" for one in examples)
    meaning = command.help or "see `" + s.ev + " help`"
    return f"{ways} — {meaning}{further(example, lacks)}.{says}"


# --- admins -----------------------------------------------------------------------------------


def help_for_admins(topic: str, s: Speech, *, admin: bool) -> str:
    """`help admin`, `help admin move`."""
    if not admin:
        return "That's for this site's admins: " + s.persons(s.site.admins)
    if topic:
        return "\n".join(admin_help(AdminHelp(topic), s))
    return f"`{s.ev} admin` shows what admins can do."


def admin_help(told: AdminHelp, s: Speech) -> Iterator[str]:
    """All acts, a line each, or one of them."""
    if told.topic:
        command = next(
            (one for one in ADMIN_COMMANDS if told.topic in one.words), ADMIN_COMMANDS[0]
        )
        yield f"`{s.ev} {command.example or 'admin help'}` — {command.help or 'this list'}"
        return
    if not s.ev:  # where only the shortest will do
        verbs = dict.fromkeys(one.words[0] for one in ADMIN_COMMANDS if " " not in one.words[0])
        yield f"`admin` and: {', '.join(verbs)}. `admin help move` says how, and so for each."
        return
    for phrase, meaning in ADMIN_HELP:
        if phrase.startswith("admin guest") and not has_number(s):
            continue
        yield f"`{s.ev} {phrase}` — {meaning}"
