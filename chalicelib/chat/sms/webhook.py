"""Text messages, coming in: `POST /sms/webhook`, proven before it is read.

What Twilio does itself (STOP, START, HELP and their kin) is never a command here, and never
answered: it would be a second answer. What a carrier or an absent owner's phone answers by
itself is answered a few times only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol
from xml.sax.saxutils import escape

from msgspec import Struct

from chalicelib import telemetry
from chalicelib.chat.handler import APOLOGIES, CommandHandler, Handler
from chalicelib.chat.http import Reply, refuse, short
from chalicelib.chat.parsing import parse
from chalicelib.chat.speaking import Speaker
from chalicelib.chat.text import wording
from chalicelib.chat.text.wording import Words
from chalicelib.core.answers import Joined
from chalicelib.core.inputs import Asked, Join, ShowHelp, Silenced, Unclear
from chalicelib.shapes import Malformed, Shape

from .ledger import Ledger
from .markup import SmsMarkup, parts_of, written
from .messenger import NUMBER, OPTED_OUT, WORDS
from .signature import Pairs, Signatures, read_form

# Twilio docs: support for opt-out keywords; a message that is this one word
STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
START = {"start", "yes", "unstop"}
HELP = {"help", "info"}
UNDELIVERED = ("failed", "undelivered")
FOR_GOOD = {OPTED_OUT, 30004, 30005, 30006, 21211, 21614}  # blocked, unknown, a landline
CODE = re.compile(r"(?:(?:my |the )?code(?: is)?|join)?\W*(\d{3})[ -]?(\d{3})\W*", re.IGNORECASE)
ONLY_WORDS = "I can read words only. COMMANDS lists what I know."
MOST_TYPED = 1_600  # characters: what Twilio lets through


class Text(Struct):
    """A message, or news of one of ours (Twilio docs: messaging webhooks)."""

    message: str
    sender: str = ""
    to: str = ""
    body: str = ""
    media: str = "0"
    opt_out: str = ""
    status: str = ""  # of one of ours
    error: str = ""


TEXT: Shape[Text] = Shape(Text)
FIELDS = {
    "MessageSid": "message", "From": "sender", "To": "to", "Body": "body", "NumMedia": "media",
    "OptOutType": "opt_out", "MessageStatus": "status", "ErrorCode": "error",
}  # fmt: skip


class Desk(Handler, Protocol):
    """What the webhook needs of the concierge, besides what the handler does."""

    def bind(self, address: str, site_id: str) -> None: ...


class SmsWebhook:
    """Answers texts to our `number`. `signatures` knows Twilio's for our public address."""

    def __init__(self, number: str, signatures: Signatures, desk: Desk, handler: CommandHandler,
        ledger: Ledger) -> None:  # fmt: skip
        self._number = number
        self._tenant = f"sms:{number}"
        self._signatures = signatures
        self._desk = desk
        self._markup = SmsMarkup()
        self._handler = handler
        self._ledger = ledger

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """TwiML. 403: not from Twilio; 400: unreadable."""
        pairs = read_form(body)
        with telemetry.span("verify"):
            ours = pairs is not None and self._signatures.is_right(headers, pairs)
        if pairs is None or not ours:
            return refuse(403, "not from our Twilio")
        text = read(pairs)
        if text is None:
            return refuse(400, "not as Twilio sends it")
        try:
            return twiml(self._answer(text))
        except tuple(APOLOGIES) as fault:
            telemetry.annotate(fault=type(fault).__name__)
            said = next(words for kind, words in APOLOGIES.items() if isinstance(fault, kind))
            return twiml(written(Words(said.format(command=""))))

    def _answer(self, text: Text) -> str:
        """What to text back; "": nothing."""
        if text.status:
            self._take_news(text)
            return ""
        if not self._is_for_us(text):
            return ""
        word = word_of(text)
        if word in STOP or word in START:
            self._silence(text.sender, WORDS[OPTED_OUT] if word in STOP else "")
        return "" if word in STOP | START | HELP else self._heard(text)

    def _is_for_us(self, text: Text) -> bool:
        """From a phone, not a service or ourselves, and to our number."""
        is_phone = NUMBER.fullmatch(text.sender) is not None and text.sender != self._number
        return is_phone and text.to == self._number

    def _heard(self, text: Text) -> str:
        """Do what it wishes for; what to say of it, if more may be said."""
        address = f"{self._tenant}:{text.sender}"
        sites = self._desk.sites_in(self._tenant)
        site = sites[0] if len(sites) == 1 else self._desk.site_of(address) or ""
        is_new = self._ledger.is_new(text.message)
        if not is_new and not self._ledger.is_fresh(text.message):
            return ""  # a signature is good for ever; the message isn't
        code = CODE.fullmatch(text.body.strip())
        if code is not None:
            words, site = self._join(address, text, code[1] + code[2], [site] if site else sites)
        elif not text.body.strip() and text.media != "0":
            words = Words(ONLY_WORDS)
        else:
            speaker = Speaker(address, "", address, short(text.message), direct=True, site=site)
            words = self._handler.on_command(speaker, text.body[:MOST_TYPED]).words
        said = written(words)
        return said if is_new and self._may_say(text, said, site) else ""

    def _join(self, address: str, text: Text, code: str, sites: list[str]) -> tuple[Words, str]:
        """Whose code it is: of one of the sites that our number serves."""
        words = Words(wording.NO_SITE)
        for site in sites:
            asked = Asked(address, Join(code), request=short(text.message))
            outcome = self._desk.handle(site, asked)
            if outcome.answer is None:
                raise AssertionError("silence is a failure")
            now = self._desk.clock.now()
            words = wording.words(outcome.answer, outcome.site, self._markup, now, asked.driver)
            if isinstance(outcome.answer, Joined):
                self._desk.bind(address, site)
                return words, site
        return words, ""

    def _may_say(self, text: Text, said: str, site: str) -> bool:
        """Not to what answers by itself for ever, and within what the site spends a day."""
        is_code = CODE.fullmatch(text.body.strip()) is not None  # who guesses is told so
        strange = not is_code and isinstance(parse(text.body), Unclear | ShowHelp)
        may = self._ledger.may_answer(text.sender, strange=False)
        may = may and (not strange or self._ledger.may_answer(text.sender, strange=True))
        return may and self._ledger.may_spend(site, parts_of(said))

    def _silence(self, number: str, reason: str) -> None:
        """They want no texts, or want them again: each site that may text them knows it."""
        for site in self._desk.sites_in(self._tenant):
            self._desk.handle(site, Silenced(f"{self._tenant}:{number}", reason))

    def _take_news(self, text: Text) -> None:
        """One of our texts never arrived, and none will."""
        code = int(text.error) if re.fullmatch("[0-9]{1,6}", text.error) else 0
        if text.status in UNDELIVERED and code in FOR_GOOD and NUMBER.fullmatch(text.to):
            self._silence(text.to, WORDS.get(code, "takes no texts"))


def read(pairs: Pairs) -> Text | None:
    """The message; None: it isn't one."""
    try:
        return TEXT.of({FIELDS[name]: value for name, value in pairs if name in FIELDS})
    except Malformed:
        return None


def word_of(text: Text) -> str:
    """What Twilio acts on, if it does. Who says stop in any way is left alone."""
    if text.opt_out:
        return text.opt_out.strip().casefold()
    word = text.body.strip().casefold()
    bare = word.strip(" .!?,;:'\"-")
    return bare if bare in STOP else word


def twiml(said: str) -> Reply:
    """Text this back; an empty answer texts nothing (Twilio docs: TwiML for messaging)."""
    inside = f"<Message>{escape(said)}</Message>" if said else ""
    xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'
    return 200, {"Content-Type": "text/xml"}, xml
