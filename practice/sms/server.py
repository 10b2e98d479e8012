"""A strict stand-in for Twilio's text messages: one account, one number of ours, phones.

It forgives nothing that Twilio would not (Twilio docs: Messages resource, webhooks security,
opt-out keywords, error codes): credentials, numbers, lengths, who has opted out, and too
many requests at once, counted in site time. Opt-out words are answered by itself, and still
passed on, as the real one does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from wsgiref.types import WSGIEnvironment

from chalicelib.edges import Clock
from practice.common.chat_peer import AppRude, Peer, Shown, send
from practice.common.people import DRIVERS, Driver
from practice.common.posts import Feed, Post
from practice.common.wsgi import BadRequest, Response, body_of, json_response

OUR_NUMBER = "+16505550100"
ACCOUNT = "AC" + "0123456789abcdef" * 2
LONGEST = 1_600  # characters
WITHIN = 15.0  # real seconds
BURST, WINDOW = 10, timedelta(seconds=1)
STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
STARTS = {"START", "YES", "UNSTOP"}
HELPS = {"HELP", "INFO"}
LANDLINE = "+16505559999"
ABROAD = "+8"  # countries that the account may not text
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
MOST_SEGMENTS = 2


def number_of(name: str) -> str:
    """A made-up number for each of the practice people."""
    places = {driver.name: place for place, driver in enumerate(DRIVERS)}
    return f"+1650555{1001 + places[name]}"


class Refused(Exception):
    """What the API refuses with: Twilio's code and an HTTP status."""

    def __init__(self, code: int, status: int = 400) -> None:
        super().__init__(f"error {code}")
        self.code, self.status = code, status


class Twilio:
    """One account. `app` is the app's address; tests turn `opted_out`."""

    def __init__(
        self, clock: Clock, *, app: str, token: str, people: Sequence[Driver] = DRIVERS,
        feed: Feed | None = None, shared_key: str = "",
    ) -> None:  # fmt: skip
        self.peer = Peer(clock, "sms", feed or Feed(clock))
        self.names = {number_of(driver.name): driver.name for driver in people}
        self.opted_out: set[str] = set()
        self.messages: list[dict[str, Any]] = []  # that the app has sent, as the API lists them
        self.losing = 0  # answers to sends that get lost on their way, from now on
        self._url = f"{app}/sms/webhook"
        self._token, self._shared_key = token, shared_key
        self._recent: list[datetime] = []
        self._count = 0

    # --- phones -----------------------------------------------------------------------------

    def say(self, name: str, text: str, **more: str) -> Post | None:
        """Somebody texts us; what comes back at once, if anything. Raises AppRude."""
        number = number_of(name)
        word = text.strip().upper()
        if word in STOPS:
            self.opted_out.add(number)
        if word in STARTS:
            self.opted_out.discard(number)
        said = self.pass_on(self.form(number, text, **more))
        if word in STOPS | STARTS | HELPS:
            if said:
                self.peer.record_violation(f"answers {word}, as Twilio itself does: two answers")
            return self.peer.notice(name, by_itself(word))
        if not said:
            return None
        if number in self.opted_out:  # an answer is an outbound text, too: error 21610
            return None
        self._check(said)
        return self._show(name, said)

    def typed(self, name: str, text: str) -> Post:
        """What somebody texts, as it stands on their own phone."""
        return self.peer.typed_by(name, text, to=name)

    def form(self, number: str, text: str, **more: str) -> dict[str, str]:
        """The fields of a message, the empty ones too."""
        self._count += 1
        name = f"SM{self._count:032x}"
        return {
            "ToCountry": "US", "ToState": "CA", "SmsMessageSid": name, "NumMedia": "0",
            "ToCity": "", "FromZip": "", "SmsSid": name, "FromState": "", "SmsStatus": "received",
            "FromCity": "", "Body": text, "FromCountry": "US", "To": OUR_NUMBER, "ToZip": "",
            "NumSegments": "1", "MessageSid": name, "AccountSid": ACCOUNT, "From": number,
            "ApiVersion": "2010-04-01", **more,
        }  # fmt: skip

    def pass_on(self, form: dict[str, str]) -> str:
        """Call the app; the text that it wants to be sent back. Raises AppRude."""
        body = urlencode(form, quote_via=quote).encode()
        answer = send(self._url, body, self.headers(form), WITHIN)
        if answer.status != 200:
            raise AppRude(f"error 11200: HTTP {answer.status}")
        if not answer.content_type.startswith(("text/xml", "application/xml")):
            self.peer.record_violation(f"error 12300: content type {answer.content_type}")
        try:
            root = ET.fromstring(answer.body)  # noqa: S314 — our own app's
        except ET.ParseError as error:
            raise AppRude("error 12100: no XML") from error
        if root.tag != "Response" or any(one.tag != "Message" for one in root):
            raise AppRude("error 12200: unknown TwiML")
        return "\n".join("".join(one.itertext()) for one in root)

    def headers(self, form: dict[str, str]) -> dict[str, str]:
        """Signed by the token, or by the shared key of a webhook rule."""
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        said = self._url + "".join(key + form[key] for key in sorted(form))
        if not self._shared_key:
            return {**kind, "X-Twilio-Signature": hashed(self._token, said, hashlib.sha1)}
        settings = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
        return {
            **kind,
            "X-Twilio-Signature": hashed(self._shared_key, said, hashlib.sha256),
            "X-Twilio-Webhooks-Signature-Settings": settings,
        }

    # --- the API ----------------------------------------------------------------------------

    def api(self, environ: WSGIEnvironment) -> Response:
        """One call to `/2010-04-01/Accounts/…`."""
        with self.peer.lock:
            try:
                if wait := self.peer.wait(self._recent, BURST, WINDOW):
                    body = {"code": 20429, "message": "Too Many Requests", "status": 429}
                    return json_response(
                        body, 429, [("Retry-After", str(math.ceil(wait.total_seconds())))]
                    )
                return self._answer(environ)
            except Refused as error:
                info = f"https://www.twilio.com/docs/errors/{error.code}"
                body = {
                    "code": error.code,
                    "message": "…",
                    "more_info": info,
                    "status": error.status,
                }
                return json_response(body, error.status)

    def _answer(self, environ: WSGIEnvironment) -> Response:
        basic = base64.b64encode(f"{ACCOUNT}:{self._token}".encode()).decode()
        if environ.get("HTTP_AUTHORIZATION") != f"Basic {basic}":
            raise Refused(20003, 401)
        path = environ["PATH_INFO"].removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}")
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        match environ["REQUEST_METHOD"], path:
            case "POST", "/Messages.json":
                form = dict(parse_qsl(body_of(environ).decode(), keep_blank_values=True))
                sent = json_response(self._send(form), 201)
                if self.losing:
                    self.losing -= 1
                    raise BadRequest("lost", 503)
                return sent
            case "GET", "/Messages.json":
                found = [one for one in self.messages if one["to"] == query.get("To", one["to"])]
                return json_response({"messages": found[::-1][: int(query.get("PageSize", 50))]})
            case "GET", "/IncomingPhoneNumbers.json":
                ours = {"phone_number": OUR_NUMBER, "sms_url": self._url, "sms_method": "POST", "capabilities": {"sms": True}}  # fmt: skip
                found = [ours] if query.get("PhoneNumber") == OUR_NUMBER else []
                return json_response({"incoming_phone_numbers": found})
            case "GET", ".json":
                return json_response({"sid": ACCOUNT, "status": "active", "type": "Full"})
        raise Refused(20404, 404)

    def _send(self, form: dict[str, str]) -> dict[str, Any]:
        to, text = form.get("To", ""), form.get("Body", "")
        if form.get("From") != OUR_NUMBER:
            raise Refused(21606)
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            raise Refused(21211)
        if to.startswith(ABROAD):
            raise Refused(21408)
        if to == LANDLINE:
            raise Refused(21614)
        if to in self.opted_out:
            raise Refused(21610)
        if not text.strip():
            raise Refused(21602)
        if len(text) > LONGEST:
            raise Refused(21617)
        self._check(text)
        self._count += 1
        sent = {
            "sid": f"SM{self._count:032x}", "to": to, "from": OUR_NUMBER, "body": text,
            "status": "queued", "date_created": format_datetime(self.peer.clock.now()),
            "num_segments": str(segments(text)), "error_code": None,
        }  # fmt: skip
        self.messages.append(sent)
        if to in self.names:
            self._show(self.names[to], text)
        return sent

    def _check(self, text: str) -> None:
        """What Twilio takes, and people or carriers would not forgive."""
        if segments(text) > MOST_SEGMENTS:
            self.peer.record_violation(f"{segments(text)} segments: {text[:40]}")
        if re.search(r"https?:|www\.|\w\.(com|org|net)\b", text):
            self.peer.record_violation(f"a link: carriers filter it: {text[:40]}")
        if "`" in text or "/ev" in text:
            self.peer.record_violation(f"markup in a text: {text[:40]}")
        alone = re.findall(
            r"(?<![A-Z0-9] )\b[A-Z]{3,}\b(?! [A-Z0-9])", text
        )  # one word, and it acts
        taught = set(alone) & (STOPS | HELPS | STARTS) - {"STOP"}
        if taught:
            self.peer.record_violation(f"teaches a word of Twilio's: {', '.join(sorted(taught))}")

    def _show(self, name: str, text: str) -> Post:
        with self.peer.lock:
            self._count += 1
            basic = set(text) <= GSM7
            cost: dict[str, Any] = {"length": units(text), "parts": segments(text), "alphabet": "GSM-7" if basic else "UCS-2"}  # fmt: skip
            return self.peer.show(Shown(f"sms{self._count}", name, text), markup=False, **cost)


def by_itself(word: str) -> str:
    """What Twilio answers, and not the app."""
    if word in STOPS:
        return "You have successfully been unsubscribed. Reply START to resubscribe."
    if word in STARTS:
        return "You have successfully been re-subscribed. Reply HELP for help."
    return "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


def hashed(key: str, said: str, how: Any) -> str:
    return base64.b64encode(hmac.new(key.encode(), said.encode(), how).digest()).decode()


def units(text: str) -> int:
    """What counts against a part's length."""
    if set(text) <= GSM7:
        return len(text) + sum(one in "^{}\\[~]|€" for one in text)
    return len(text.encode("utf-16-le")) // 2


def segments(text: str) -> int:
    """How many parts a phone gets it in."""
    alone, chained = (160, 153) if set(text) <= GSM7 else (70, 67)
    return 1 if units(text) <= alone else math.ceil(units(text) / chained)
