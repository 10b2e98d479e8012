"""Who answers people, whichever platform they are on."""

from __future__ import annotations

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.text.wording import Markup
from chalicelib.concierge import Concierge
from chalicelib.meters.power import PowerTeller
from chalicelib.settings import Settings

from .keeping import meters_of, series_of


def handler_of(settings: Settings, concierge: Concierge, markup: Markup) -> CommandHandler:
    """Who answers people of one platform."""
    teller = PowerTeller(
        concierge.store,
        meters_of(settings),
        series_of(settings),
        concierge.clock,
        settings.public_url,
    )
    return CommandHandler(concierge, markup, teller.tell)
