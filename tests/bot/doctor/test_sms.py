"""`python -m bot check` on text messages: what it finds, what it advises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.doctor.result import Patient
from bot.doctor.sms import check_sms
from bot.doctor.store import check_store
from chalicelib.settings import Settings
from chalicelib.stores.sqlite import SQLiteStore
from practice.sms.server import OUR_NUMBER
from tests.chat.sms.test_contract import TOKEN, SmsStand
from tests.contracts.chat_stage import street
from tests.fakes import FakeClock, site_of


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[SmsStand]:
    with street() as here:
        yield SmsStand(here, FakeClock(), tmp_path)


def said(settings: Settings, channel: str = f"sms:{OUR_NUMBER}:line") -> str:
    """The findings, at a site with this channel. No secret is in them."""
    SQLiteStore(settings.store.removeprefix("sqlite:")).save(site_of(channel), None)
    patient = Patient(settings, FakeClock())
    list(check_store(patient))  # which finds the sites
    found = "\n".join(map(str, check_sms(patient)))
    assert TOKEN not in found
    return found


def test_all_is_well(stand: SmsStand) -> None:
    """The number calls us, and the site has spent nothing; the US wants a registration."""
    found = said(stand.settings)
    assert "failed" not in found
    assert f"{OUR_NUMBER} calls {stand.street.app}/sms/webhook" in found
    assert "0 of 100000 texts" in found
    assert "registered" in found


def test_a_wrong_token(stand: SmsStand) -> None:
    """Twilio doesn't know us: where to look."""
    wrong = replace(stand.settings, twilio_auth_token="wrong")
    assert "check TWILIO_ACCOUNT_SID" in said(wrong)


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"twilio_from": "+16505550199"}, "isn't a number of this account"),
        ({"public_url": "https://elsewhere.example"}, "doesn't call us"),
        ({"public_url": ""}, "PUBLIC_URL is not set"),
        ({"twilio_api_url": "http://127.0.0.1:1"}, "the way out"),
    ],
)
def test_what_to_change(stand: SmsStand, change: dict[str, str], advice: str) -> None:
    """Each setting that doesn't fit is named, with what to do."""
    assert advice in said(replace(stand.settings, **change))  # type: ignore[arg-type]  # texts


def test_a_site_of_another_number(stand: SmsStand) -> None:
    """A site that texts from a number which isn't ours is told."""
    assert "its number is +16505550111" in said(stand.settings, "sms:+16505550111:line")
