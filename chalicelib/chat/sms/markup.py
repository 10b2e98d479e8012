"""How a text message is written: plain, short, without links, buttons as words to reply.

A text is sent in parts: 160 characters of the old alphabet of phones (GSM-7) alone or 153
each in a chain, 70 or 67 where one character isn't of that alphabet. We say it in two parts
at most.
"""

from __future__ import annotations

import re
import unicodedata

from chalicelib.chat.text.format import Button, Words

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[~]|€")  # of the alphabet's second page: each counts twice
PARTS = 2  # the longest text of ours
SPELT = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "·": "-", "→": ">",
     "\u00a0": " ", "−": "-", "•": "-", "`": "'"}
)  # fmt: skip
_SPAN = re.compile(r"`\s*([^`\n]*?)\s*`")
_DOT = re.compile(r"(?<=\w)[.](?=[^\W\d])")  # phones make a link of what looks like a host
REPLIES = {"coming": "go"}  # shorter where one types with thumbs
OURS_FOR = {"help": "commands", "cancel": "remove", "quit": "remove"}  # Twilio takes those


class SmsMarkup:
    """People are `sms:OUR-NUMBER:THEIR-NUMBER`; there is no channel, and nobody is pinged."""

    platform = "sms"
    command = ""  # what people text is the command

    def escape(self, text: str) -> str:
        """One line, nothing that hides or becomes a link."""
        seen = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in text)
        line = " ".join(seen.replace("`", "'").replace("://", " ").split())
        return _DOT.sub(". ", line)

    def mention(self, driver: str, name: str) -> str:  # noqa: ARG002 — there is nothing to ping
        return self.escape(name or "somebody")

    def bold(self, text: str) -> str:
        return text


def written(words: Words) -> str:
    """The message as it is sent."""
    replies = reply_words(words.buttons, words.text)
    hint = f" Reply {either(replies)}." if replies else ""
    text = _SPAN.sub(lambda found: shouted(found[1]), words.text)
    return fitted(spelt(squeezed(text)), spelt(hint))


def squeezed(text: str) -> str:
    """Without blanks that say nothing."""
    lines = (re.sub(r" +", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def reply_words(buttons: tuple[Button, ...], text: str) -> list[str]:
    """What to reply instead of pressing, where the text doesn't say it already."""
    said = {found.strip() for found in _SPAN.findall(text)}
    typed = [one.typed for one in buttons if one.typed and one.typed not in said]
    return [shouted(REPLIES.get(one, one)) for one in typed]


def shouted(command: str) -> str:
    """A command as it stands in a text: in capitals, but for names; never a word of Twilio's."""
    first, blank, rest = command.partition(" ")
    if first == "python":  # for whoever runs us, at another keyboard
        return command
    first = OURS_FOR.get(first.casefold(), first)
    return f"{first.upper()}{blank}{rest if '@' in rest else rest.upper()}"


def either(words: list[str]) -> str:
    """`GO, PASS or LEAVE`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def spelt(text: str) -> str:
    """In the alphabet of phones as far as it goes: a letter loses a mark that isn't there."""
    return "".join(map(letter, text.translate(SPELT)))


def letter(one: str) -> str:
    if one in BASIC or one in DOUBLE:
        return one
    plain = unicodedata.normalize("NFKD", one)
    base = "".join(char for char in plain if not unicodedata.combining(char))
    return base if base and all(char in BASIC for char in base) else one


def is_basic(text: str) -> bool:
    return all(one in BASIC or one in DOUBLE for one in text)


def length_of(text: str) -> int:
    """What counts against a part's length: units of the alphabet that the text needs."""
    if is_basic(text):
        return len(text) + sum(one in DOUBLE for one in text)
    return len(text.encode("utf-16-le")) // 2


def parts_of(text: str) -> int:
    """How many parts it is sent in, each of which costs."""
    alone, chained = (160, 153) if is_basic(text) else (70, 67)
    units = length_of(text)
    return 1 if units <= alone else -(-units // chained)


def fitted(text: str, hint: str = "") -> str:
    """Cut so that it goes out in PARTS parts, with the hint at its end."""
    if parts_of(text + hint) <= PARTS:
        return text + hint
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        fits = parts_of(f"{text[:middle]}...{hint}") <= PARTS
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{text[:low].rstrip()}...{hint}"
