"""Slack, coming in: commands, buttons and events, each proven before it is read.

The signature is checked over the raw bytes before bolt sees the request; bolt's own
check is off, because on a bad signature it logs the body. Nothing here calls Slack.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from slack_bolt import Ack, App, BoltContext, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from chalicelib import telemetry
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.http import Reply, refuse
from chalicelib.chat.speaking import Spoken
from chalicelib.chat.text.forms import NOT_OPENED, TITLES
from chalicelib.chat.text.wording import Words
from chalicelib.core.answers import FormName
from chalicelib.core.inputs import OpenForm
from chalicelib.core.model import HOME
from chalicelib.edges import (
    Busy,
    MessageRefused,
    MessengerUnavailable,
    NewerFormat,
    StoreUnavailable,
)
from chalicelib.values import replace

from . import views
from .installations import Installs
from .markup import payload
from .messenger import respond
from .payloads import Malformed, is_rate_limited, is_ssl_check, shaped
from .speakers import (
    clicker,
    heard_of,
    invited,
    is_farewell,
    place_of_answer,
    sender,
    shown_site,
    told_of,
    typist,
    viewer_of,
    writer,
)

__all__ = ["Reply", "SlackWebhook"]

log = logging.getLogger(__name__)

TIMESTAMP = re.compile(r"[0-9]{1,12}")
ANY = re.compile(r".*", re.DOTALL)
quiet = logging.getLogger(f"{__name__}.bolt")  # bolt warns with whole bodies
quiet.setLevel(logging.ERROR)
QUICKLY = 1  # seconds for the one call that can't wait: a fault, told to who clicked


class Desk(Protocol):
    """What can't wait for an outbox, done in Slack at once. Raises MessengerUnavailable or
    MessageRefused.
    """

    def open(self, team: str, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a form in front of who has just done something."""

    def tell(self, team: str, user: str, said: dict[str, Any]) -> None:
        """A direct message."""


class SlackWebhook:
    """`POST /slack/events`."""

    def __init__(
        self,
        signing_secret: str,
        handler: CommandHandler,
        installs: Installs | None = None,
        desk: Desk | None = None,
    ) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._bolt = build_bolt(handler, installs, desk)

    def __call__(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request. 401: not proven to be Slack's; 400: unreadable."""
        found = {name.lower(): value for name, value in headers.items()}
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return refuse(400, "not UTF-8")
        with telemetry.span("verify"):
            proven = self._is_from_slack(found, text)
        if is_ssl_check(text) and (proven or "x-slack-signature" not in found):
            return 200, {}, ""  # answered, whoever asks: it says and does nothing
        if not proven:
            return refuse(401, "not signed by Slack")
        if is_rate_limited(text):
            log.warning("Slack held back events for a while: there were too many")
            return 200, {}, ""
        try:
            asked = shaped(text, found.get("content-type", ""))
            return dispatch(self._bolt, asked, found["x-slack-signature"])
        except Malformed as what:
            return refuse(400, str(what))

    def _is_from_slack(self, headers: Mapping[str, str], text: str) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
            return False
        return bool(self._verifier.is_valid(text, timestamp, signature))


def dispatch(bolt: App, body: dict[str, Any], name: str) -> Reply:
    """Let bolt route a proven request; `name` is its name if it has none of its own.

    No header is passed on: lazy ones from outside mean nothing here. Raises Malformed.
    What is taken apart already is handed over as by Socket Mode, whichever way it came.
    """
    request = BoltRequest(body=body, mode="socket_mode")
    request.context["named"] = name
    try:
        response = bolt.dispatch(request)
    except (StoreUnavailable, Busy, NewerFormat):  # an event: Slack sends it again
        return 503, {"Content-Type": "text/plain"}, "later, please"
    if response.status == 404:
        raise Malformed("nothing I know")
    return response.status, response.first_headers_without_set_cookie(), response.body


def build_bolt(
    handler: CommandHandler, installs: Installs | None = None, desk: Desk | None = None
) -> App:
    """Slack's own framework, for routing. It never calls Slack: there is nothing to ask. Forms are
    opened by the `desk`, while their trigger is good.
    """

    def authorize(
        context: BoltContext, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult:
        """The signature has proven it; the answer goes back in the reply, without a token."""
        if installs is not None and context.is_enterprise_install and enterprise_id and team_id:
            with suppress(StoreUnavailable):  # who answers will notice, too
                installs.note_org(team_id, enterprise_id)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token="unused",  # noqa: S106 — bolt wants one, nobody calls Slack with it
        )

    bolt = App(
        name="ev-concierge",  # or it looks through the stack for one, for 20 ms
        logger=quiet,
        signing_secret="checked before",  # noqa: S106 — the door has checked it
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,  # see `is_for_us`
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        token_verification_enabled=False,
        process_before_response=True,
        authorize=authorize,
    )

    @bolt.command(ANY)
    def command(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        spoken = handler.on_command(typist(body, context), body["text"])
        kind = "in_channel" if spoken.public else "ephemeral"
        ack(response_type=kind, **payload(spoken.words))

    @bolt.action(ANY)
    def click(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        speaker, action = clicker(body, context), body["actions"][0]
        spoken = handler.on_button(
            speaker, action["action_id"], action["value"], place_of_answer(body, speaker)
        )
        unsaid = opened(desk, body, spoken)
        ack()
        if unsaid is not None and not unsaid.queued:
            tell_now(desk, body, unsaid)

    @bolt.event(ANY)
    def event(ack: Ack, body: dict[str, Any]) -> None:
        if installs is not None and is_farewell(body):
            left_at = body["event_time"] or None
            installs.forget(body["team_id"] or body["enterprise_id"] or "", left_at)
        elif body["event"]["type"] == "app_home_opened":
            if (viewer := viewer_of(body)) is not None:
                handler.on_home(viewer, shown_site(body), f"{viewer.driver}{HOME}")
        elif (heard := heard_of(body)) is not None:
            handler.on_message(writer(body), *heard, sent_again=True)
        elif (guest := invited(body)) is not None:
            greet(desk, body, handler.on_invited(guest))
        elif (known := told_of(body)) is not None:
            handler.on_profile(known)
        ack()

    @bolt.error
    def failed(error: Exception) -> None:
        raise error

    take_forms(bolt, handler, desk)
    return bolt


def take_forms(bolt: App, handler: CommandHandler, desk: Desk | None) -> None:
    """Shortcuts that open a form, and forms that are sent."""

    @bolt.shortcut(ANY)
    def shortcut(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        if body["callback_id"] == views.JOIN_LINE:
            spoken = handler.on_wish(clicker(body, context, direct=True), OpenForm(FormName.JOIN))
            unsaid = opened(desk, body, spoken)
            if unsaid is not None:
                tell_now(desk, body, unsaid)
        ack()

    @bolt.view(ANY)
    def sent(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        form = views.filled(body["view"])
        if form is None:
            raise Malformed("no form of ours")
        came = handler.on_form(sender(body, context), form)
        if came.errors or came.spoken is None:
            ack(**views.errors(came.errors))
        else:
            title = TITLES[form.name]
            ack(response_action="update", view=views.said(title, came.spoken.words))

    @bolt.view_closed(ANY)
    def closed(ack: Ack) -> None:
        ack()


def opened(desk: Desk | None, body: dict[str, Any], spoken: Spoken) -> Spoken | None:
    """Open the form, if there is one; what is to be said, if that can't be."""
    if spoken.form is None:
        return spoken
    began = time.monotonic()
    try:
        if desk is not None:
            desk.open(body["team"]["id"], body["trigger_id"], views.modal(spoken.form))
            return None
    except (MessengerUnavailable, MessageRefused) as fault:
        log.warning("a form could not be opened: %s", fault)
        if time.monotonic() - began > QUICKLY:
            return None  # Slack waits three seconds for us: one more that tries would be too many
    instead = NOT_OPENED.format(instead=spoken.words.text)
    return replace(spoken, words=Words(instead), form=None)


def tell_now(desk: Desk | None, body: dict[str, Any], spoken: Spoken) -> None:
    """What waits in no outbox is said at once, and once; a lost word about it does no harm."""
    url, said = body.get("response_url"), payload(spoken.words)
    try:
        if url:
            respond(url, said, replace=False, timeout=QUICKLY)
        elif desk is not None:
            desk.tell(body["team"]["id"], body["user"]["id"], said)
    except (MessengerUnavailable, MessageRefused) as fault:
        log.warning("a click could not be answered: %s", fault)


def greet(desk: Desk | None, body: dict[str, Any], spoken: Spoken | None) -> None:
    """A channel without a site has no outbox: it is said at once, and once."""
    if spoken is None or desk is None:
        return
    try:
        desk.tell(body["team_id"], body["event"]["channel"], payload(spoken.words))
    except (MessengerUnavailable, MessageRefused) as fault:
        log.warning("a channel could not be greeted: %s", fault)
