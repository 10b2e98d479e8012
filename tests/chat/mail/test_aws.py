"""Mail on another make-believe AWS: filters of SNS, and SES's way to a mail server of ours.

ministack takes mail by SNS for confirmed at once and sends none: filters are tried with a
queue. Its SES passes mail on to an SMTP server.
"""

from __future__ import annotations

import email
import email.policy
import json
import queue
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.chat.mail.letters import Attached, message
from chalicelib.chat.mail.markup import Letter
from chalicelib.edges import MessageRefused
from chalicelib.stores.aws.topic import Topic
from practice.mail.server import SENDER
from practice.ministack import ministack


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a relay speaks; what is sent goes into the server's queue."""

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.put(b"".join(lines))  # type: ignore[attr-defined]  # ours
            if verb == "QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def sink() -> Iterator[tuple[int, queue.Queue[bytes]]]:
    """A mail server's port, and what it was sent."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server:
        server.mails = queue.Queue()  # type: ignore[attr-defined]  # for the handler
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], server.mails  # type: ignore[attr-defined]  # of the stand-in alone
        server.shutdown()


@pytest.fixture(scope="module")
def mails() -> Iterator[tuple[str, queue.Queue[bytes]]]:
    """Ministack with SNS, SQS and SES, which sends to our mail server."""
    with sink() as (port, found), ministack("sns,sqs,ses", SMTP_HOST=f"127.0.0.1:{port}") as here:
        yield here, found


@pytest.fixture
def address(
    aws: None, mails: tuple[str, queue.Queue[bytes]], monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL", mails[0])
    return mails[0]


@pytest.fixture
def topic(address: str) -> Topic:
    arn = boto3.client("sns", endpoint_url=address).create_topic(Name="ev-concierge")["TopicArn"]
    return Topic(arn, SENDER)


def test_filters(topic: Topic, address: str) -> None:
    """What is published for a name reaches only who has that name in their filter."""
    sqs, sns = (boto3.client(name, endpoint_url=address) for name in ("sqs", "sns"))
    urls: dict[str, str] = {}
    for name in ("ana", "bob"):
        urls[name] = sqs.create_queue(QueueName=name)["QueueUrl"]
        asked: Any = {"QueueUrl": urls[name], "AttributeNames": ["QueueArn"]}
        arn = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        policy = {"FilterPolicy": json.dumps({"person": [name]})}
        sns.subscribe(TopicArn=topic.arn, Protocol="sqs", Endpoint=arn, Attributes=policy)
    topic.publish("ana", "HQ: It's your turn", "Plug in at port 1.")
    heard = {
        name: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages", [])
        for name, url in urls.items()
    }
    assert [json.loads(one["Body"])["Subject"] for one in heard["ana"]] == ["HQ: It's your turn"]
    assert heard["bob"] == []


def test_a_subscription(topic: Topic, address: str) -> None:
    """It is made with its filter, known by its ARN, and ended; one that isn't there is no fault."""
    at = topic.subscribe("ana@work.example", "ana")
    sns = boto3.client("sns", endpoint_url=address)
    known = sns.get_subscription_attributes(SubscriptionArn=at)["Attributes"]
    assert json.loads(known["FilterPolicy"]) == {"person": ["ana"]}
    assert topic.is_confirmed(at)  # at once, here
    assert topic.attributes()["TopicArn"] == topic.arn
    topic.unsubscribe(at)
    assert topic.is_confirmed(at) is None
    topic.unsubscribe(at)


def test_a_picture(topic: Topic, mails: tuple[str, queue.Queue[bytes]]) -> None:
    """A mail with a picture goes by SES to the mailbox that SNS keeps, whole."""
    boto3.client("ses", endpoint_url=mails[0]).verify_email_identity(EmailAddress=SENDER)
    at = topic.subscribe("ana@work.example", "ana")
    letter = Letter("HQ: the last seven days", "38 cars of 21 people.\n")
    picture = Attached("report.png", b"\x89PNG made up", "image", "png")
    topic.mail(at, lambda mailbox: message(SENDER, letter, picture, mailbox))
    found = email.message_from_bytes(mails[1].get(timeout=10), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert (found["To"], found["Subject"]) == ("ana@work.example", "HQ: the last seven days")
    (attached,) = found.iter_attachments()
    assert attached.get_content() == picture.body
    body = found.get_body(("plain",))
    assert body is not None
    assert "38 cars" in body.get_content()


def test_nobody_to_mail(topic: Topic) -> None:
    """A subscription that is gone has no mailbox."""
    with pytest.raises(MessageRefused):
        topic.mail(f"{topic.arn}:00000000-0000-4000-8000-000000000000", lambda _: b"")


def test_files(tmp_path: Path) -> None:
    """A table goes along as a file of its kind."""
    table = Attached("report.csv", b"a,b\r\n1,2\r\n", "text", "csv")
    made = message(SENDER, Letter("HQ", "Here."), table, "ana@work.example")
    found = email.message_from_bytes(made, policy=email.policy.default)
    assert found["Auto-Submitted"] == "auto-generated"
    (attached,) = [one for one in found.walk() if one.get_filename() == "report.csv"]
    assert attached.get_content_type() == "text/csv"
