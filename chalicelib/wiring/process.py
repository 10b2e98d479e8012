"""This process's webhooks: made at first use, kept as long as it lives."""

from __future__ import annotations

import logging
import os
import threading

from chalicelib.chat.http import Reply
from chalicelib.edges import Fault, StoreUnavailable
from chalicelib.endpoints import Endpoints, Webhook, not_set_up
from chalicelib.settings import BadSettings

from .environment import begin_log, revealed, see_inside, settings_of
from .whole import build, open_endpoints

log = logging.getLogger(__name__)

NOT_NOW = "not now, please try again in a minute"
_lock = threading.Lock()
_endpoints: Endpoints | None = None


def endpoints() -> Endpoints:
    """This process's webhooks, made at first use: importing the app needs no setting."""
    global _endpoints  # noqa: PLW0603 — Lambda gives an app no other place to keep things
    with _lock:
        if _endpoints is None:
            begin_log(os.environ)
            environ = revealed(os.environ)
            is_mute = environ.get("SLACK_SIGNING_SECRET") and not environ.get("SLACK_CLIENT_ID")
            settings = settings_of(environ, ["SLACK_BOT_TOKEN"] if is_mute else [])
            see_inside(settings)
            _endpoints = open_endpoints(settings, build(settings))
        return _endpoints


def webhook(route: str) -> Webhook:
    """What answers there; where nothing can be made (settings, secrets), one that says so."""
    try:
        made = (
            _endpoints or endpoints()
        )  # a lock less where they are made, as at all but the first
        return made.webhooks.get(route, not_set_up)
    except Fault as fault:
        log.error("not now: %s", fault)  # noqa: TRY400 — no bug: where it was raised is no help
        return not_now


def not_now(*_: object, **__: object) -> Reply:
    return 503, {"Content-Type": "text/plain"}, NOT_NOW


def is_healthy() -> bool:
    """Whether this process is made, and reaches its store."""
    try:
        return endpoints().is_healthy()
    except Fault as fault:
        log.error("not now: %s", fault)  # noqa: TRY400 — as above
        return False


def use(endpoints: Endpoints | None) -> None:
    """Let `endpoints()` be this one: the single process has its own; tests start afresh."""
    global _endpoints  # noqa: PLW0603 — see `endpoints`
    with _lock:
        _endpoints = endpoints


def warm_up() -> None:
    """Make what the first request will need: the endpoints, its secrets, the way to the table.

    Lambda gives a start a whole processor, whatever the memory, and a request with 512 MB
    less than a third of one. What fails here is done, and told, at first use.
    """
    try:
        endpoints().concierge.site_of("nobody:is:here")
    except (BadSettings, StoreUnavailable) as fault:
        log.warning("not yet: %s", fault)
