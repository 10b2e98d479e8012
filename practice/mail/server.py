"""A strict stand-in for mail by AWS: one topic of SNS, SES, mailboxes, and their owners.

It forgives nothing that AWS would not (AWS docs: SNS API reference, message filtering, quotas;
SES): who signs, subjects, sizes, attributes, filter policies, owners who haven't agreed,
and too many requests at once, counted in site time. What it refuses is refused with AWS's
codes; what AWS takes and people would not forgive is a violation.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment
from xml.sax.saxutils import escape

from chalicelib.edges import Clock
from practice.common.chat_peer import Peer, Shown
from practice.common.people import DRIVERS, Driver
from practice.common.posts import Feed
from practice.common.wsgi import Response, body_of

REGION, ACCOUNT = "us-west-2", "000000000000"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ev-concierge"
SENDER = "ev@example.com"  # that SES has verified
SPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
LONGEST = 262_144  # bytes of a message, its attributes included
LONGEST_SUBJECT = 99
MOST_POLICIES, MOST_KEYS, MOST_VALUES = 200, 5, 150
TOKENS_LAST = timedelta(days=3)
BURST, WINDOW = 20, timedelta(seconds=1)
ADDRESS = re.compile(r"[^@\s<>,;]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
LARGEST_RAW = 10_000_000


def mailbox_of(name: str) -> str:
    """A made-up address for each of the practice people."""
    return f"{name}@example.com"


class Refused(Exception):
    """What AWS refuses with: its code, and an HTTP status."""

    def __init__(self, code: str, message: str = "…", status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class Subscription:
    """A mailbox on the topic. Nothing is written to it before its owner has agreed."""

    arn: str
    mailbox: str
    policy: str
    asked_at: datetime
    confirmed: bool = False
    asked: int = 1  # mails to confirm


@dataclass(frozen=True, slots=True)
class Mail:
    """What lies in a mailbox."""

    to: str
    subject: str
    text: str
    pictures: tuple[bytes, ...] = ()


@dataclass
class Post:
    """SNS and SES. Tests turn `full`, and let owners confirm and unsubscribe."""

    clock: Clock
    people: Sequence[Driver] = DRIVERS
    feed: Feed | None = None
    subscriptions: dict[str, Subscription] = field(default_factory=dict)  # by ARN
    mails: list[Mail] = field(default_factory=list)
    burst: int = BURST  # calls that are taken within WINDOW
    full: bool = False
    down: bool = False
    losing: int = 0  # answers to sends that get lost on their way, from now on

    def __post_init__(self) -> None:
        self.peer = Peer(self.clock, "mail", self.feed or Feed(self.clock))
        self._names = {mailbox_of(one.name): one.name for one in self.people}
        self._recent: list[datetime] = []
        self._count = 0

    # --- owners of mailboxes ------------------------------------------------------------------

    def confirm(self, mailbox: str) -> bool:
        """Its owner follows the link; whether it was still good."""
        found = self.of(mailbox)
        if found is None or self.clock.now() - found.asked_at > TOKENS_LAST:
            return False
        found.confirmed = True
        return True

    def leave(self, mailbox: str) -> None:
        """Whoever holds a mail follows its link to unsubscribe."""
        self.subscriptions = {
            arn: one for arn, one in self.subscriptions.items() if one.mailbox != mailbox
        }

    def answer(self, name: str, text: str) -> None:
        """What somebody is told elsewhere, in chat."""
        self._count += 1
        self.peer.show(Shown(f"chat{self._count}", name, text), markup=False)

    def of(self, mailbox: str) -> Subscription | None:
        found = (one for one in self.subscriptions.values() if one.mailbox == mailbox.casefold())
        return next(found, None)

    # --- the API -----------------------------------------------------------------------------

    def api(self, environ: WSGIEnvironment) -> Response:
        """One call to SNS or to SES, a form each."""
        with self.peer.lock:
            try:
                service = self._check_signed(environ)
                if self.peer.wait(self._recent, self.burst, WINDOW):
                    code = "Throttling" if service == "ses" else "Throttled"
                    return refusal(Refused(code, status=429))
                answer = self._answer(environ, service)
                self._lose()
                return answer
            except Refused as error:
                return refusal(error)

    def _check_signed(self, environ: WSGIEnvironment) -> str:
        """The service that was signed for."""
        if self.down:
            raise Refused("InternalError", status=503)
        said = environ.get("HTTP_AUTHORIZATION", "")
        form = rf"AWS4-HMAC-SHA256 Credential=\w+/\d{{8}}/{REGION}/(sns|ses)/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{{64}}"
        found = re.fullmatch(form, said)
        if found is None:
            raise Refused("SignatureDoesNotMatch", status=403)
        return found[1]

    def _answer(self, environ: WSGIEnvironment, service: str) -> Response:
        form = dict(parse_qsl(body_of(environ).decode(), keep_blank_values=True))
        action = form.get("Action", "")
        known: dict[str, Callable[[dict[str, str]], str]] = {
            "Subscribe": self._subscribe,
            "Unsubscribe": self._unsubscribe,
            "GetSubscriptionAttributes": self._attributes,
            "GetTopicAttributes": self._topic,
            "Publish": self._publish,
        }
        if service == "ses":
            known = {"SendRawEmail": self._send_raw}
        if action not in known:
            raise Refused("InvalidAction")
        if form.get("TopicArn", TOPIC) != TOPIC:
            raise Refused("NotFound", "Topic does not exist", 404)
        inside = known[action](form)
        xml = f'<{action}Response xmlns="{SPACE}">{inside}<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>'
        return Response(200, xml.encode(), "text/xml")

    def _subscribe(self, form: dict[str, str]) -> str:
        if form.get("Protocol") != "email":
            raise Refused("InvalidParameter", "Protocol")
        mailbox = form.get("Endpoint", "")
        if not ADDRESS.fullmatch(mailbox):
            raise Refused("InvalidParameter", f"Email address {mailbox}")
        policy = entries(form, "Attributes").get("FilterPolicy", "")
        check_policy(policy)
        known = self.of(mailbox)
        if known is not None and known.policy != policy:
            raise Refused("InvalidParameter", "Subscription already exists with different attributes")  # fmt: skip
        if known is None:
            if self.full or len(self.subscriptions) >= MOST_POLICIES:
                raise Refused("FilterPolicyLimitExceeded", status=403)
            self._count += 1
            arn = f"{TOPIC}:{self._count:08d}-0000-4000-8000-000000000000"
            known = Subscription(arn, mailbox.casefold(), policy, self.clock.now())
            self.subscriptions[arn] = known
        elif not known.confirmed:
            known.asked += 1  # another mail, with another link
            known.asked_at = self.clock.now()
        told = known.arn if form.get("ReturnSubscriptionArn") == "true" or known.confirmed else "pending confirmation"  # fmt: skip
        return f"<SubscribeResult><SubscriptionArn>{told}</SubscriptionArn></SubscribeResult>"

    def _unsubscribe(self, form: dict[str, str]) -> str:
        found = self._found(form)
        if not found.confirmed:  # only its owner may decide: it goes by itself
            raise Refused("InvalidParameter", "a pending subscription")
        del self.subscriptions[found.arn]
        return ""

    def _attributes(self, form: dict[str, str]) -> str:
        found = self._found(form)
        told = {
            "SubscriptionArn": found.arn, "TopicArn": TOPIC, "Protocol": "email", "Owner": ACCOUNT,
            "Endpoint": found.mailbox, "FilterPolicy": found.policy, "RawMessageDelivery": "false",
            "PendingConfirmation": str(not found.confirmed).lower(),
        }  # fmt: skip
        return result("GetSubscriptionAttributes", told)

    def _topic(self, _: dict[str, str]) -> str:
        confirmed = sum(one.confirmed for one in self.subscriptions.values())
        told = {
            "TopicArn": TOPIC,
            "SubscriptionsConfirmed": str(confirmed),
            "SubscriptionsPending": str(len(self.subscriptions) - confirmed),
        }
        return result("GetTopicAttributes", told)

    def _found(self, form: dict[str, str]) -> Subscription:
        """One that waited too long to be confirmed is gone."""
        arn = form.get("SubscriptionArn", "")
        if arn.count(":") < 6:
            raise Refused("InvalidParameter", "An ARN must have at least 6 elements")
        found = self.subscriptions.get(arn)
        if found is not None and not found.confirmed and self.clock.now() - found.asked_at > TOKENS_LAST:  # fmt: skip
            del self.subscriptions[arn]
            found = None
        if found is None:
            raise Refused("NotFound", "Subscription does not exist", 404)
        return found

    def _publish(self, form: dict[str, str]) -> str:
        subject, text = form.get("Subject", ""), form.get("Message", "")
        attributes = values(form)
        if not text:
            raise Refused("InvalidParameter", "Empty message")
        size = len(text.encode()) + sum(len(name.encode()) + len(value.encode()) + len("String") for name, value in attributes.items())  # fmt: skip
        if size > LONGEST:
            raise Refused("InvalidParameter", "Message too long")
        if not subject:
            self.peer.record_violation("a mail without a subject")
        elif len(subject) > LONGEST_SUBJECT or not subject.isascii() or not subject.isprintable() or subject[:1] == " ":  # fmt: skip
            raise Refused("InvalidParameter", "Subject")
        self._check(text)
        for one in self.subscriptions.values():
            if one.confirmed and passes(one.policy, attributes):
                self._put(Mail(one.mailbox, subject, text))
        return "<PublishResult><MessageId>m</MessageId></PublishResult>"

    def _check(self, text: str) -> None:
        """What AWS takes, and people would not forgive."""
        if "`" in text:
            self.peer.record_violation(f"markup in a mail: {text[:40]}")
        if re.search(r"https?://", text):
            self.peer.record_violation(f"a link that we didn't make: {text[:40]}")
        if re.search(r"\breply\b", text, re.IGNORECASE):
            self.peer.record_violation(f"nobody reads replies: {text[:40]}")

    def _send_raw(self, form: dict[str, str]) -> str:
        """SES: a whole message (RFC 5322), to who has a mailbox."""
        raw = base64.b64decode(form.get("RawMessage.Data", ""))
        if form.get("Source") != SENDER:
            raise Refused("MessageRejected", "Email address is not verified")
        if not raw or len(raw) > LARGEST_RAW:
            raise Refused("InvalidParameterValue", "size")
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            if not message[name]:
                self.peer.record_violation(f"a mail without {name}")
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        self._check(text)
        pictures = [bytes(part.get_content()) for part in message.iter_attachments() if part.get_content_type() == "image/png"]  # fmt: skip
        to = form.get("Destinations.member.1", "")
        self._put(Mail(to, str(message["Subject"]), text.strip(), tuple(pictures)))
        return "<SendRawEmailResult><MessageId>m</MessageId></SendRawEmailResult>"

    def _put(self, mail: Mail) -> None:
        self.mails.append(mail)
        name = self._names.get(mail.to)
        if name is not None:
            self._count += 1
            shown = Shown(f"mail{self._count}", name, mail.text, more={"subject": mail.subject})
            self.peer.show(shown, markup=False)

    def _lose(self) -> None:
        """It was done, and nobody hears so."""
        if self.losing:
            self.losing -= 1
            raise Refused("InternalError", status=500)


def entries(form: dict[str, str], name: str) -> dict[str, str]:
    """A map, as a form has it: `Attributes.entry.1.key`."""
    found, n = {}, 1
    while (key := form.get(f"{name}.entry.{n}.key")) is not None:
        found[key] = form.get(f"{name}.entry.{n}.value", "")
        n += 1
    return found


def values(form: dict[str, str]) -> dict[str, str]:
    """The attributes of a message. Raises Refused for what is none."""
    found, n = {}, 1
    while (name := form.get(f"MessageAttributes.entry.{n}.Name")) is not None:
        at = f"MessageAttributes.entry.{n}.Value"
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,256}", name):
            raise Refused("InvalidParameterValue", "Invalid attribute name")
        if form.get(f"{at}.DataType") != "String" or not form.get(f"{at}.StringValue"):
            raise Refused("InvalidParameterValue", "an attribute without a value")
        found[name] = form[f"{at}.StringValue"]
        n += 1
    return found


def check_policy(policy: str) -> None:
    """Raises Refused for what SNS takes for no filter policy; ours must have one."""
    try:
        found: Any = json.loads(policy)
    except ValueError as error:
        raise Refused("InvalidParameter", "FilterPolicy") from error
    sizes = [len(one) if isinstance(one, list) else 0 for one in found.values()] if isinstance(found, dict) else []  # fmt: skip
    combined = 1
    for size in sizes:
        combined *= size
    if not sizes or len(sizes) > MOST_KEYS or not 0 < combined <= MOST_VALUES:
        raise Refused("InvalidParameter", "FilterPolicy")


def passes(policy: str, attributes: dict[str, str]) -> bool:
    """Whether a message is for a subscription: each key of its policy has one of the values."""
    wanted: dict[str, list[str]] = json.loads(policy)
    return all(attributes.get(name) in some for name, some in wanted.items())


def result(action: str, told: dict[str, str]) -> str:
    pairs = "".join(f"<entry><key>{key}</key><value>{escape(value)}</value></entry>" for key, value in told.items())  # fmt: skip
    return f"<{action}Result><Attributes>{pairs}</Attributes></{action}Result>"


def refusal(error: Refused) -> Response:
    xml = f'<ErrorResponse xmlns="{SPACE}"><Error><Type>Sender</Type><Code>{error.code}</Code><Message>{escape(str(error))}</Message></Error><RequestId>r</RequestId></ErrorResponse>'
    return Response(error.status, xml.encode(), "text/xml")
