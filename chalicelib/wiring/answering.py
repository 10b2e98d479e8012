"""Who answers people, whichever platform they are on."""

from __future__ import annotations

from chalicelib.chat.errands import AskForMail
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.lobby.links import BoardLinks
from chalicelib.chat.text.wording import Markup
from chalicelib.concierge import Concierge
from chalicelib.core.inputs import MailMe
from chalicelib.edges import SiteStore, StayLog
from chalicelib.endpoints import Webhook
from chalicelib.meters.power import PowerTeller
from chalicelib.reports.drawing import Pictures
from chalicelib.reports.teller import ReportTeller
from chalicelib.reports.webhook import ReportWebhook
from chalicelib.settings import Settings

from .keeping import clock_of, meters_of, records_of, series_of, stays_of, store_of


def handler_of(settings: Settings, concierge: Concierge, markup: Markup) -> CommandHandler:
    """Who answers people of one platform."""
    teller = PowerTeller(
        concierge.store,
        meters_of(settings),
        series_of(settings),
        concierge.clock,
        settings.public_url,
    )
    return CommandHandler(
        concierge,
        markup,
        teller.tell,
        reports_of(settings, concierge.stays, concierge.store),
        board_links_of(settings).make,
        asks_for_mail(settings),
    )


def board_links_of(settings: Settings) -> BoardLinks:
    """Links to the page in the lobby."""
    return BoardLinks(records_of(settings), clock_of(settings), settings.public_url)


def pictures_of(settings: Settings) -> Pictures:
    """Who draws charts, or knows where they are drawn."""
    return Pictures(reports_of(settings, stays_of(settings), store_of(settings)))


def report_doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    teller = reports_of(settings, concierge.stays, concierge.store)
    door = ReportWebhook(teller, records_of(settings), concierge.clock)
    return {"/report": door.report}


def reports_of(settings: Settings, stays: StayLog | None, store: SiteStore) -> ReportTeller:
    """Who reads the log of stays."""
    return ReportTeller(
        store, stays, records_of(settings), clock_of(settings), settings.public_url
    )


def asks_for_mail(settings: Settings) -> AskForMail | None:
    """None: there is no mail."""
    if not settings.mail_topic:
        return None

    def ask(mailbox: str, person: str) -> MailMe:
        from . import mail  # few ever ask, and nobody else should wait for it

        return mail.asks(settings)(mailbox, person)

    return ask
