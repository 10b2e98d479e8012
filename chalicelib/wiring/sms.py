"""The parts of texts."""

from __future__ import annotations

from chalicelib.chat.sms.ledger import Ledger
from chalicelib.chat.sms.markup import SmsMarkup
from chalicelib.chat.sms.messenger import SmsMessenger
from chalicelib.chat.sms.signature import Signatures
from chalicelib.chat.sms.webhook import SmsWebhook
from chalicelib.concierge import Concierge
from chalicelib.edges import Clock
from chalicelib.endpoints import Webhook
from chalicelib.settings import Settings

from .answering import handler_of
from .keeping import clock_of, records_of

SMS = "/sms/webhook"


def messenger(settings: Settings) -> SmsMessenger:
    report_to = f"{settings.public_url.rstrip('/')}{SMS}" if settings.public_url else ""
    return SmsMessenger(
        settings.twilio_api_url, settings.twilio_account_sid, settings.twilio_auth_token,
        settings.twilio_from, ledger_of(settings, clock_of(settings)), report_to,
    )  # fmt: skip


def ledger_of(settings: Settings, clock: Clock) -> Ledger:
    """What is counted of texts."""
    return Ledger(records_of(settings), clock, settings.twilio_daily)


def doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    url = f"{settings.public_url.rstrip('/')}{SMS}"
    keys = settings.twilio_auth_token, settings.twilio_shared_key
    door = SmsWebhook(
        settings.twilio_from, Signatures(url, *keys), concierge,
        handler_of(settings, concierge, SmsMarkup()), ledger_of(settings, concierge.clock),
    )  # fmt: skip
    return {SMS: door.webhook}
