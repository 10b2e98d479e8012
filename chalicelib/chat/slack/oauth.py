"""Installing the Slack app in a workspace: `/slack/install` leads to Slack, and back.

The flow is bolt's. Ours are the stores, the pages, and what makes it strict: a state is
good for one use, in the browser that it was given to, for ten minutes.
"""

from __future__ import annotations

import html
import re
import threading
import uuid
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urljoin

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth import InstallationStore, OAuthStateStore, OAuthStateUtils
from slack_sdk.oauth.installation_store import Installation as FromSlack

from chalicelib.chat.http import Reply
from chalicelib.edges import Records, StoreUnavailable

from .errors import NONSENSE, TIMEOUT, UNREACHABLE, silent
from .installations import ID, Installation, Installs
from .probe import NEEDED
from .tokens import Client

KIND = "slack-state"
AT_ONCE = 2  # who may ask Slack: anybody can come back with a code, and Slack may be silent
STATE = re.compile(r"[0-9a-f]{32}")
LIFETIME = timedelta(seconds=OAuthStateUtils.default_expiration_seconds)
ISSUED, USED = {"is": "issued"}, {"is": "used"}
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of the page has a code in it
    "X-Content-Type-Options": "nosniff",
}


class OAuthWebhook:
    """`GET /slack/install` and `GET /slack/oauth_redirect`."""

    def __init__(self, client: Client, public_url: str, records: Records) -> None:
        self._flow = Flow(
            client=WebClient(
                base_url=client.api_url, timeout=TIMEOUT, retry_handlers=[], logger=silent
            ),
            logger=silent,  # bolt logs the code
            settings=OAuthSettings(
                client_id=client.id,
                client_secret=client.secret,
                scopes=NEEDED,
                user_scopes=[],
                redirect_uri=f"{public_url.rstrip('/')}/slack/oauth_redirect",
                install_page_rendering_enabled=False,
                authorization_url=urljoin(client.api_url, "/oauth/v2/authorize"),
                installation_store=Keeper(Installs(records)),
                state_store=States(records),
                callback_options=CallbackOptions(success, failure),
                logger=silent,
            ),
        )
        self._flow.settings.state_utils = SameSite()
        self._asking = threading.BoundedSemaphore(AT_ONCE)

    def install(self, _headers: Mapping[str, str], _body: bytes, **_query: str) -> Reply:
        """Send the browser to Slack. Nothing from outside decides where to."""
        try:
            return replied(self._flow.handle_installation(BoltRequest(body="")))
        except StoreUnavailable:
            return page(503, "Not now", LATER)

    def redirect(
        self, headers: Mapping[str, str], _body: bytes, *, code: str, state: str, error: str
    ) -> Reply:
        """The browser comes back with a code, or with a no."""
        cookie = next((text for name, text in headers.items() if name.lower() == "cookie"), "")
        given = {"code": code, "state": state, "error": error}
        query = {name: text for name, text in given.items() if text}
        request = BoltRequest(body="", query=query, headers={"cookie": cookie})
        if not self._asking.acquire(blocking=False):
            return page(503, "Not now", LATER)
        try:
            return replied(self._flow.handle_callback(request))
        except StoreUnavailable:
            return page(503, "Not now", LATER)
        except (*UNREACHABLE, *NONSENSE):  # Slack's own refusals are bolt's to catch
            return page(502, "Not now", LATER)
        finally:
            self._asking.release()


class Flow(OAuthFlow):
    """Takes only installations that we can use."""

    def run_installation(self, code: str) -> FromSlack | None:
        found = super().run_installation(code)
        if found is None or not found.bot_token or not ID.fullmatch(where(found)):
            return None
        return found


class Keeper(InstallationStore):
    """bolt's view of the installations."""

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    def save(self, installation: FromSlack) -> None:
        is_org = bool(installation.is_enterprise_install)
        name = installation.enterprise_name if is_org else installation.team_name
        self._installs.keep(
            Installation(
                team=where(installation),
                name=name or "",
                token=installation.bot_token or "",
                refresh_token=installation.bot_refresh_token or "",
                expires_at=installation.bot_token_expires_at,
                bot_user=installation.bot_user_id or "",
                installed_at=installation.installed_at,
            )
        )


def where(installation: FromSlack) -> str:
    """The id of the workspace; of an installation for all of an organization, the latter's."""
    org, team = installation.enterprise_id or "", installation.team_id or ""
    return org if installation.is_enterprise_install else team


class States(OAuthStateStore):
    """Who asks is given a state; who comes back with it may do so once."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def issue(self, *_args: object, **_kwargs: object) -> str:
        state = uuid.uuid4().hex
        self._records.put(KIND, state, ISSUED, LIFETIME)
        return state

    def consume(self, state: str) -> bool:
        """One write decides, whoever else comes at the same moment."""
        known = STATE.fullmatch(state) is not None
        return known and self._records.compare_and_set(KIND, state, ISSUED, USED, LIFETIME)


class SameSite(OAuthStateUtils):
    """The cookie isn't sent along from pages of others, but by following Slack's link back."""

    def build_set_cookie_for_new_state(self, state: str) -> str:
        return f"{super().build_set_cookie_for_new_state(state)}; SameSite=Lax"


# --- what people see --------------------------------------------------------------------------

LATER = "Something between us and Slack isn't working. Please try again in a few minutes."
AGAIN = "Nothing was installed. Please begin again where you found the link."
NO = (
    "You said no, and that is fine: nothing was installed and nothing is kept. "
    "If you change your mind, the link still works."
)
OTHER = f"It must be opened in the browser in which you began, within ten minutes. {AGAIN}"
USED_UP = f"It is good for ten minutes, and once. {AGAIN}"
ORG = "An admin of the organization adds the app to the workspaces that want it."
WHY = {  # by bolt's reason, or Slack's
    "access_denied": ("Not installed", NO),
    "invalid_browser": ("That link was for another browser", OTHER),
    "invalid_state": ("That link has been used, or is too old", USED_UP),
    "invalid_code": ("Slack did not confirm it", AGAIN),
}


def success(args: SuccessArgs) -> BoltResponse:
    """What to do next. Whose chargers it will be is the operator's to say, never chat's."""
    found = args.installation
    org = bool(found.is_enterprise_install)
    name = (found.enterprise_name if org else found.team_name) or "your workspace"
    channel = f"slack:{'TEAM' if org else where(found)}:CHANNEL"
    return paged(
        200,
        f"EV Concierge is installed in {name}",
        "This is left to do:",
        *([ORG] if org else []),
        "In Slack, invite it to the channel of your car park: /invite @concierge",
        f"Give whoever runs this concierge the address of that channel, {channel}: the channel's "
        "id (C…) is at the bottom of its details. They grant your chargers to it with "
        f"python -m bot site add … --channel {channel}; that can't be done from chat.",
        "Type /ev help in the channel.",
        args=args,
    )


def failure(args: FailureArgs) -> BoltResponse:
    title, text = WHY.get(args.reason, ("It did not work", AGAIN))
    status = 403 if args.reason in ("invalid_browser", "invalid_state") else 400
    return paged(200 if args.reason == "access_denied" else status, title, text, args=args)


def paged(status: int, title: str, *texts: str, args: SuccessArgs | FailureArgs) -> BoltResponse:
    """A page for bolt to hand back; the state has served, one way or the other."""
    _, headers, body = page(status, title, *texts)
    cookie = args.settings.state_utils.build_set_cookie_for_deletion()
    return BoltResponse(status=status, body=body, headers={**headers, "Set-Cookie": cookie})


def page(status: int, title: str, *texts: str) -> Reply:
    """A plain page: text only, escaped."""
    said = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    title = html.escape(title)
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><style>body{font:1.1rem/1.5 '
        "system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}</style>"
        f"<h1>{title}</h1>{said}</html>"
    )
    return status, HEADERS, body


def replied(response: BoltResponse) -> Reply:
    headers = {name.title(): values[0] for name, values in response.headers.items()}
    return response.status, {**HEADERS, **headers}, response.body
