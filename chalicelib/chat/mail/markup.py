"""How a mail is written: plain text, a subject, and where to answer, since mail can't be.

Amazon SNS takes a subject of at most 99 characters of ASCII without line breaks, and adds a
line of its own by which anybody who holds the mail can end it (AWS docs: SNS Publish).
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from chalicelib.chat.text.format import Words
from chalicelib.core.model import Site

LONGEST_SUBJECT = 99
LONGEST = 200_000  # bytes of a text: SNS takes 256 KB with all that belongs to it
SPELT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "·": "-", "…": "..."})  # fmt: skip
_SPAN = re.compile(r"`\s*([^`\n]*?)\s*`")
_END = re.compile(r"(?<=[.!?])\s|\n| \(|: ")  # where the first sentence of a message is over


class Letter(NamedTuple):
    subject: str
    text: str


class MailMarkup:
    """People are `mail:topic:NAME`; there is no channel, and nobody is pinged."""

    platform = "mail"
    command = "/ev"

    def escape(self, text: str) -> str:
        """One line, nothing that hides, and no link that a mail program would make alive."""
        seen = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in text)
        return " ".join(seen.replace("`", "'").replace("://", " ").split())

    def mention(self, driver: str, name: str) -> str:  # noqa: ARG002 — there is nothing to ping
        return self.escape(name or "somebody")

    def bold(self, text: str) -> str:
        return text


def written(words: Words, site: Site, home: str = "") -> Letter:
    """The mail, for somebody who is at home on a platform; "": they have nothing but mail."""
    return Letter(subject(site.name, bare(words.text)), text_of(words, home))


def text_of(words: Words, home: str) -> str:
    said = [one.typed for one in words.buttons if one.typed and f" {one.typed}`" not in words.text]
    return cut("\n".join([bare(words.text), "", foot(said, home)]))


def bare(text: str) -> str:
    """Without what marks a command."""
    return _SPAN.sub(lambda found: found[1], text)


def foot(ways: list[str], home: str) -> str:
    """Where to answer: not here."""
    if not home:
        return "This mail can't be answered."
    if home == "sms":  # as it is texted: the first word, in capitals
        said, where = [one.upper() for one in ways], "by text"
    else:
        said, where = [f"/ev {one}" for one in ways], "in chat"
    if not said:
        return f"This mail can't be answered: talk to me {where}."
    return f"This mail can't be answered. Answer {where}: {', '.join(said)}"


def subject(name: str, text: str) -> str:
    """The site and the first sentence, as SNS takes it."""
    first = _END.split(text.strip(), maxsplit=1)[0]
    whose = "" if name and first.startswith(name) else ascii_of(name) or "EV Concierge"
    plain = ": ".join(filter(None, (whose, ascii_of(first))))
    if len(plain) > LONGEST_SUBJECT:
        plain = f"{plain[: LONGEST_SUBJECT - 3].rstrip()}..."
    return plain


def ascii_of(text: str) -> str:
    """In ASCII as far as it goes, in one line."""
    flat = unicodedata.normalize("NFKD", text.translate(SPELT))
    kept = "".join(one for one in " ".join(flat.split()) if " " <= one <= "~")
    return " ".join(kept.split())


def cut(text: str) -> str:
    """Within what SNS takes."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= LONGEST else raw[:LONGEST].decode("utf-8", "ignore") + "..."
