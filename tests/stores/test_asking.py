"""AWS is asked directly as its own library would ask, and what goes wrong on the way is known."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, strategies as st

from chalicelib.stores.aws.asking import DYNAMODB, PARAMETERS, Refused, Unreached, asks
from chalicelib.stores.aws.direct import Direct, address_of
from chalicelib.stores.aws.sdk import Sdk
from chalicelib.stores.aws.sigv4 import Keys, signed

pytestmark = pytest.mark.usefixtures("aws", "on_lambda")
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)


@pytest.fixture
def on_lambda(aws: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, and nowhere else, AWS is asked directly."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "x")


@given(st.binary(max_size=200), NAMES, NAMES, st.sampled_from(["", "a token/+="]))
def test_signed_as_by_the_library(body: bytes, secret: str, region: str, token: str) -> None:
    """The same request gets the same headers from AWS's own signer."""
    headers = {"content-type": "application/x-amz-json-1.0", "host": "x.example:8000", "x-amz-target": "A.B"}  # fmt: skip
    ours = signed(Keys("KEY", secret, token), region, "dynamodb", "/", headers, body)
    theirs = AWSRequest("POST", "https://x.example:8000/", data=body, headers=headers)
    theirs.context["timestamp"] = ours["x-amz-date"]
    theirs.headers["X-Amz-Date"] = ours["x-amz-date"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    auth = SigV4Auth(Credentials("KEY", secret, token or None), "dynamodb", region)
    asked = auth.canonical_request(theirs)
    proof = auth.signature(auth.string_to_sign(theirs, asked), theirs)
    assert ours["authorization"].endswith(f"Signature={proof}")
    now = datetime.strptime(ours["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(now.timestamp() - time.time()) < 60


def test_no_secret_in_a_repr() -> None:
    """Neither the key that signs nor a token is shown."""
    assert "hush" not in repr(Keys("KEY", "hush", "hush"))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, Direct),
        ({"AWS_SESSION_TOKEN": "x"}, Direct),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, Direct),
        ({"AWS_ACCESS_KEY_ID": ""}, Sdk),
        ({"AWS_LAMBDA_FUNCTION_NAME": ""}, Sdk),
        ({"AWS_PROFILE": "default"}, Sdk),
        ({"HTTPS_PROXY": "http://proxy:1"}, Sdk),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, Sdk),
    ],
)
def test_who_asks(more: dict[str, str], kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directly on Lambda, where the environment says all; the rest is the library's."""
    for name, text in more.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    if "AWS_PROFILE" in more:
        with pytest.raises(Unreached, match="default"):
            asks(DYNAMODB)
    else:
        assert type(asks(DYNAMODB)) is kind


@pytest.mark.parametrize(
    ("given", "service", "region", "address"),
    [
        ({}, "dynamodb", "eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com"),
        ({}, "ssm", "cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://x:1/"}, "ssm", "us-west-2", "http://x:1"),
        (
            {"AWS_ENDPOINT_URL": "http://x:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://y:2"},
            "dynamodb",
            "us-west-2",
            "http://y:2",
        ),
        (
            {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://y:2"},
            "secretsmanager",
            "us-west-2",
            "http://y:2",
        ),
    ],
)
def test_the_address(
    given: dict[str, str],
    service: str,
    region: str,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS's own, unless the environment names another, as boto3 reads it."""
    for name, text in given.items():
        monkeypatch.setenv(name, text)
    assert address_of(service, region) == address


class Aws:
    """A service on loopback: it notes what is asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], Any]] = []
        self.answers: list[tuple[int, bytes, dict[str, str]] | None] = []  # None: hangs up
        self.callers: set[tuple[str, int]] = set()
        aws = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                aws.heard.append(({k.lower(): v for k, v in self.headers.items()}, json.loads(body)))  # fmt: skip
                aws.callers.add(self.client_address)
                answer = aws.answers.pop(0) if aws.answers else (200, b"{}", {})
                if answer is None:
                    self.close_connection = True
                    return
                status, found, headers = answer
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("content-length", str(len(found)))
                self.end_headers()
                self.wfile.write(found)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    found = Aws()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{found.server.server_port}")
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_one_connection_for_many(service: Aws) -> None:
    """It is kept, and every request says what it wants."""
    ask = asks(PARAMETERS)
    for _ in range(3):
        assert ask("GetParameters", {"Names": ["/ev/x"]}) == {}
    headers, body = service.heard[-1]
    assert headers["x-amz-target"] == "AmazonSSM.GetParameters"
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert body == {"Names": ["/ev/x"]}
    assert len(service.callers) == 1


@pytest.mark.parametrize(
    "first",
    [
        None,
        (500, b'{"__type": "InternalServerError"}', {}),
        (503, b"<html>", {}),
        (200, b"{}", {"x-amz-crc32": "1"}),
    ],
)
def test_asked_once_more(service: Aws, first: Any) -> None:
    """Hung up, failed there, or damaged: the same request goes out a second time."""
    service.answers = [first]
    assert asks(DYNAMODB)("GetItem", {}) == {}
    assert len(service.heard) == 2


def test_not_a_third_time(service: Aws) -> None:
    """A service that is broken is told as what it is."""
    service.answers = [(500, b'{"__type": "a#InternalServerError", "message": "no"}', {})] * 2
    with pytest.raises(Refused, match="InternalServerError: no"):
        asks(DYNAMODB)("GetItem", {})
    service.answers = [None, None]
    with pytest.raises(Unreached, match=r"127\.0\.0\.1"):
        asks(DYNAMODB)("GetItem", {})
    assert len(service.heard) == 4


@pytest.mark.parametrize("found", [b"<html>", b"[]", b'"x"', b"\xff"])
@pytest.mark.parametrize("status", [200, 400, 403])
def test_what_is_no_answer(service: Aws, found: bytes, status: int) -> None:
    """Whatever stands in the way of AWS, it isn't taken for AWS."""
    service.answers = [(status, found, {})]
    with pytest.raises(Unreached):
        asks(DYNAMODB)("GetItem", {})


def test_a_refusal_is_read(service: Aws) -> None:
    """Its code, without what is before and after it, its words, and what came with them."""
    said = {"__type": "com.amazonaws.dynamodb.v20120810#Cond:http://x", "Message": "no", "Item": {"body": {"B": "AP8="}}}  # fmt: skip
    found = json.dumps(said).encode()
    service.answers = [(400, found, {"x-amz-crc32": str(zlib.crc32(found))})]
    with pytest.raises(Refused) as refused:
        asks(DYNAMODB)("PutItem", {"Item": {"body": {"B": b"\x00\xff"}}})
    assert (refused.value.code, str(refused.value)) == ("Cond", "Cond: no")
    assert refused.value.said["Item"] == {"body": {"B": b"\x00\xff"}}
    assert service.heard[0][1] == {"Item": {"body": {"B": "AP8="}}}


def test_a_kept_connection_that_was_dropped(service: Aws) -> None:
    """After an idle hour the other side is gone: a new one is opened, nothing is repeated."""
    ask = asks(DYNAMODB)
    service.answers = [(200, b"{}", {"connection": "close"}), (200, b"{}", {}), (200, b"{}", {})]
    for _ in range(3):
        ask("GetItem", {})
    assert len(service.heard) == 3
    assert len(service.callers) == 2
