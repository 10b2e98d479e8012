"""Text messages do what every chat platform does, each to one phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from chalicelib.chat.sms.markup import SmsMarkup, written
from chalicelib.settings import Settings
from practice.sms.server import ACCOUNT, OUR_NUMBER, Twilio, number_of
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Alone, Street
from tests.contracts.peer_stand import PeerStand
from tests.fakes import FakeClock
from tests.practice_world import request

TOKEN = "a-made-up-auth-token"
SHARED = "a-made-up-shared-key"
FORM = "application/x-www-form-urlencoded"
RULE = "X-Twilio-Webhooks-Signature-Settings"


class SmsStand(PeerStand[Twilio]):
    """The practice phones."""

    platform = "sms"
    channel = f"sms:{OUR_NUMBER}:line"
    has_buttons = False
    has_channel = False
    markup = SmsMarkup()
    command = ""

    def __init__(
        self, street: Street, clock: FakeClock, folder: Path, shared_key: str = ""
    ) -> None:
        server = Twilio(clock, app=street.app, token=TOKEN, shared_key=shared_key)
        settings = Settings(
            store=f"sqlite:{folder / 'records.sqlite'}",
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_shared_key=shared_key,
            twilio_from=OUR_NUMBER,
            twilio_api_url=street.api,
            twilio_daily=100_000,
            public_url=street.app,
        )
        super().__init__(server, street, settings, server.api)
        self.reference = Alone(self.markup, written)

    def address(self, name: str) -> str:
        return f"sms:{OUR_NUMBER}:{number_of(name)}"

    def forgeries(self, name: str, text: str) -> Iterator[tuple[str, Callable[[], int]]]:
        form = self.server.form(number_of(name), text)
        right = self.server.headers(form)
        bare = {key: value for key, value in form.items() if value}
        twice = urlencode(form) + "&From=%2B16505551002"
        yield "no signature", lambda: self.knock(form, {"Content-Type": FORM})
        yield "another signature", lambda: self.knock(form, signed(right, "x" * 28))
        yield "a strange signature", lambda: self.knock(form, signed(right, "=?\xe9"))
        yield "another text", lambda: self.knock({**form, "Body": "remove"}, right)
        yield "another sender", lambda: self.knock({**form, "From": number_of("bob")}, right)
        yield "a field more", lambda: self.knock({**form, "Extra": "1"}, right)
        yield "the empty fields left out", lambda: self.knock(bare, right)
        yield (
            "another algorithm",
            lambda: self.knock(form, {**right, RULE: "key=k,algorithm=HMAC_SHA384"}),
        )
        yield "an unknown algorithm", lambda: self.knock(form, {**right, RULE: "algorithm=NONE"})
        yield "a field twice", lambda: self.knock_body(twice, right)
        yield "no form", lambda: self.knock_body("{", right)
        yield "not UTF-8", lambda: self.knock_body("Body=%ff&From=%2B1", right)

    def knock(self, form: dict[str, str], headers: dict[str, str]) -> int:
        return self.knock_body(urlencode(form), headers)

    def knock_body(self, body: str, headers: dict[str, str]) -> int:
        url = f"{self.street.app}/sms/webhook"
        return request("POST", url, body.encode(), headers).status


def signed(headers: dict[str, str], signature: str) -> dict[str, str]:
    return {**headers, "X-Twilio-Signature": signature}


class TestSms(ChatPlatformContract, OutsideContract):
    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock, tmp_path: Path) -> SmsStand:
        return SmsStand(street, clock, tmp_path)


class TestSmsByARule(OutsideContract):
    """What comes in is signed by a shared key with SHA-256, as a webhook rule says."""

    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock, tmp_path: Path) -> SmsStand:
        return SmsStand(street, clock, tmp_path, SHARED)
