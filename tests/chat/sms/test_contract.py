"""Text messages do what every chat platform does, each to one phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import wiring
from chalicelib.chat.sms.markup import SmsMarkup, written
from chalicelib.chat.speaking import Speaker
from chalicelib.chat.text import wording
from chalicelib.chat.text.wording import Words
from chalicelib.concierge import Concierge
from chalicelib.core.effects import Effect
from chalicelib.core.model import Site
from chalicelib.settings import Settings
from practice.common.wsgi import BadRequest, error_response
from practice.sms.server import ACCOUNT, OUR_NUMBER, Twilio, number_of
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Seen, Street, Terminal, street
from tests.fakes import FakeClock
from tests.practice_world import request

TOKEN = "a-made-up-auth-token"
SHARED = "a-made-up-shared-key"
FORM = "application/x-www-form-urlencoded"
RULE = "X-Twilio-Webhooks-Signature-Settings"


class Pocket(Terminal):
    """The reference for phones: there is no channel, and each is told in short words."""

    def __init__(self) -> None:
        super().__init__(has_buttons=False)
        self.markup = SmsMarkup()

    def say(self, name: str, text: str) -> None:
        speaker = Speaker(self.address(name), name, self.channel, "")
        self._tell(name, self._handler.on_command(speaker, text).words)

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        if not to.endswith(":room"):
            self._tell(to.rpartition(":")[2], wording.words(effect, site, self.markup))
        return ""

    def _tell(self, name: str, words: Words) -> None:
        self._seen.append(Seen(name, written(words)))


class SmsStand:
    """The practice phones."""

    channel = f"sms:{OUR_NUMBER}:line"
    has_buttons = False
    has_channel = False

    def __init__(
        self, street: Street, clock: FakeClock, folder: Path, shared_key: str = ""
    ) -> None:
        self.server = Twilio(clock, app=street.app, token=TOKEN, shared_key=shared_key)
        self.settings = Settings(
            store=f"sqlite:{folder / 'records.sqlite'}",
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_shared_key=shared_key,
            twilio_from=OUR_NUMBER,
            twilio_api_url=street.api,
            twilio_daily=100_000,
            public_url=street.app,
        )
        self.markup = SmsMarkup()
        self.messenger = wiring.messengers_of(self.settings)["sms"]
        self.reference = Pocket()
        self.street = street
        self._after = 0

        def api(environ: Any, start: Any) -> Any:
            try:
                return self.server.api(environ).send(start)
            except BadRequest as error:
                return error_response(error).send(start)

        street.handlers["api"] = api

    @property
    def violations(self) -> list[str]:
        return self.server.peer.violations

    def address(self, name: str) -> str:
        return f"sms:{OUR_NUMBER}:{number_of(name)}"

    def typed_mention(self, name: str) -> str:
        return f"@{name}"

    def open(self, concierge: Concierge) -> None:
        self.street.open(wiring.open_endpoints(self.settings, concierge))

    def say(self, name: str, text: str) -> None:
        self.server.say(name, text)

    def seen(self) -> list[Seen]:
        shown = self.server.peer.shown[self._after :]
        self._after += len(shown)
        return [Seen(one.to, one.text) for one in shown]

    def warn(self, text: str) -> None:
        """Nothing that people type is alive in a text; links are the stand-in's to find."""

    def limited(self) -> int:
        return self.server.limited

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


class OnPhones(ChatPlatformContract, OutsideContract):
    @pytest.fixture(scope="class")
    @classmethod
    def street(cls) -> Iterator[Street]:
        with street() as here:
            yield here


class TestSms(OnPhones):
    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock, tmp_path: Path) -> SmsStand:
        return SmsStand(street, clock, tmp_path)


class TestSmsByARule(OnPhones):
    """Signed by a shared key with SHA-256, as a webhook rule says."""

    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock, tmp_path: Path) -> SmsStand:
        return SmsStand(street, clock, tmp_path, SHARED)
