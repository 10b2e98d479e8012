"""Slack's OAuth, as far as the concierge uses it, and as strict ("Slack docs: installing with OAuth").

An installation is of one workspace (T…), or of an organization with several (E…).
"""

from __future__ import annotations

import html
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from chalicelib.edges import Clock
from practice.common.wsgi import BadRequest

from .api import WebApi
from .faults import SlackError
from .hooks import Hooks
from .workspace import APP_ID, BOT_USER, Workspace

Form = dict[str, str]
CODE_LIVES = timedelta(minutes=10)  # site time (Slack docs: installing with OAuth)
TOKEN_LIVES = timedelta(hours=12)  # site time (Slack docs: using token rotation)
SCOPES = {
    "channels:history", "chat:write", "chat:write.public", "commands", "groups:history",
    "im:history", "im:write", "users:read",
}  # fmt: skip


@dataclass
class Grant:
    """What somebody allowed; `code` and each refresh token are good for one use."""

    where: str
    scopes: str
    redirect_uri: str
    at: datetime
    is_used: bool = False


@dataclass
class Token:
    where: str
    scopes: str
    until: datetime | None  # None: it never ends
    dead: str = ""  # the error that it gets


class Home(Protocol):
    """A workspace that lets apps in."""

    oauth: OAuth | None

    @property
    def workspace(self) -> Workspace:
        """Who is there."""

    @property
    def api(self) -> WebApi:
        """What is asked of it."""

    @property
    def hooks(self) -> Hooks:
        """What may be said through its response_urls."""

    def tell(
        self, event: dict[str, Any], team: str | None, enterprise: str | None, at: float | None
    ) -> bool:
        """Send the app an event; whether it took it in."""


@dataclass
class OAuth:
    """The app as Slack knows it. Tests turn `rotates`, and `people`: who says yes where."""

    clock: Clock
    client_id: str
    client_secret: str = field(repr=False)
    redirect_urls: tuple[str, ...]
    rotates: bool = False
    workspaces: dict[str, Home] = field(default_factory=dict)  # by team
    orgs: dict[str, str] = field(default_factory=dict)  # team: its organization
    tokens: dict[str, Token] = field(default_factory=dict)
    renewals: list[str] = field(default_factory=list)  # where a token was renewed, in order
    refused: list[str] = field(default_factory=list)  # errors of oauth.v2.access
    _grants: dict[str, Grant] = field(default_factory=dict)  # by code
    _refresh: dict[str, tuple[str, str]] = field(default_factory=dict)  # token: where, scopes

    def admit(self, slack: Home, org: str = "") -> None:
        """A workspace of the make-believe Slack."""
        self.workspaces[slack.workspace.team] = slack
        slack.api.oauth = slack.oauth = self
        if org:
            self.orgs[slack.workspace.team] = org

    # --- in the browser ------------------------------------------------------------------

    def page(self, query: Form) -> bytes:
        """`/oauth/v2/authorize`: who lets the app in? Raises BadRequest."""
        self._check(query)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(query.get(name, ""))}">'
            for name in ("client_id", "scope", "state", "redirect_uri")
        )
        places = sorted({*self.workspaces, *self.orgs.values()})
        options = "".join(f"<option>{html.escape(place)}</option>" for place in places)
        return (
            "<!doctype html><title>Let EV Concierge in?</title>"
            f'<form method="post"><p>It wants: {html.escape(query.get("scope", ""))}</p>{hidden}'
            f'<select name="team">{options}</select>'
            '<button name="decision" value="allow">Allow</button>'
            '<button name="decision" value="cancel">Cancel</button></form>'
        ).encode()

    def decide(self, form: Form) -> str:
        """Where the browser is sent, with a code or without. Raises BadRequest."""
        self._check(form)
        back: Form = {"state": form.get("state", "")}
        where = form.get("team", "")
        if form.get("decision") != "allow":
            back["error"] = "access_denied"
        elif where not in {*self.workspaces, *self.orgs.values()}:
            raise BadRequest("invalid_team_for_non_distributed_app")
        else:
            back["code"] = code = secrets.token_hex(16)
            now = self.clock.now()
            self._grants[code] = Grant(where, form["scope"], form["redirect_uri"], now)
        return f"{form['redirect_uri']}?{urlencode(back)}"

    def _check(self, form: Form) -> None:
        if form.get("client_id") != self.client_id:
            raise BadRequest("invalid_client_id")
        if form.get("redirect_uri") not in self.redirect_urls:
            raise BadRequest("bad_redirect_uri")
        wanted = set(filter(None, form.get("scope", "").split(",")))
        if not wanted or not wanted <= SCOPES:
            raise BadRequest("invalid_scope")
        if form.get("user_scope"):
            raise BadRequest("we never speak as a person")

    # --- oauth.v2.access -----------------------------------------------------------------

    def access(self, args: Form, client: tuple[str, str]) -> dict[str, Any]:
        """A token for a code, or the next one for a refresh token. Raises SlackError."""
        try:
            return self._access(args, client)
        except SlackError as error:
            self.refused.append(error.error)
            raise

    def _access(self, args: Form, client: tuple[str, str]) -> dict[str, Any]:
        if client[0] != self.client_id:
            raise SlackError("invalid_client_id")
        if not secrets.compare_digest(client[1], self.client_secret):
            raise SlackError("bad_client_secret")
        if args.get("grant_type") == "refresh_token":
            found = self._refresh.pop(args.get("refresh_token", ""), None)
            if found is None:
                raise SlackError("invalid_refresh_token")
            self.renewals.append(found[0])
            return self._issue(*found)
        grant = self._grants.get(args.get("code", ""))
        if grant is None or self.clock.now() - grant.at > CODE_LIVES:
            raise SlackError("invalid_code")
        if grant.is_used:
            raise SlackError("code_already_used")
        if args.get("redirect_uri") != grant.redirect_uri:
            raise SlackError("bad_redirect_uri")
        grant.is_used = True
        return {**self._issue(grant.where, grant.scopes), "authed_user": {"id": "U0INSTALLER"}}

    def _issue(self, where: str, scopes: str) -> dict[str, Any]:
        until = self.clock.now() + TOKEN_LIVES if self.rotates else None
        kind = "xoxe.xoxb-1" if self.rotates else "xoxb"
        token = f"{kind}-{where}-{secrets.token_hex(12)}"
        self.tokens[token] = Token(where, scopes, until)
        org = where if where in self.orgs.values() else self.orgs.get(where)
        answer: dict[str, Any] = {
            "access_token": token,
            "token_type": "bot",
            "scope": scopes,
            "bot_user_id": BOT_USER,
            "app_id": APP_ID,
            "team": None if where == org else {"id": where, "name": f"Team {where}"},
            "enterprise": {"id": org, "name": f"Org {org}"} if org else None,
            "is_enterprise_install": where == org,
        }
        if self.rotates:
            refresh = f"xoxe-1-{secrets.token_hex(16)}"
            self._refresh[refresh] = where, scopes
            lives = int(TOKEN_LIVES.total_seconds())
            answer |= {"refresh_token": refresh, "expires_in": lives}
        return answer

    # --- tokens --------------------------------------------------------------------------

    def check(self, token: str, team: str) -> str:
        """The scopes that a token has in a workspace. Raises SlackError."""
        found = self.tokens.get(token)
        if found is None or found.where not in (team, self.orgs.get(team)):
            raise SlackError("invalid_auth")
        if found.dead:
            raise SlackError(found.dead)
        if found.until is not None and self.clock.now() >= found.until:
            raise SlackError("token_expired")
        return found.scopes

    def home_of(self, token: str, args: dict[str, Any]) -> Home | None:
        """The workspace that a call is about: the token's, or the organization's that has it."""
        found = self.tokens.get(token)
        if found is None:
            return None
        if found.where in self.workspaces:
            return self.workspaces[found.where]
        ours = [self.workspaces[team] for team, org in self.orgs.items() if org == found.where]
        wanted = args.get("channel", args.get("user"))
        theirs = [one for one in ours if wanted in (one.workspace.channel, *one.workspace.names)]
        return (theirs or ours)[0]

    def revoke(self, where: str, error: str = "token_revoked") -> None:
        """Its tokens work no more; nobody is told."""
        for token in self.tokens.values():
            if token.where == where:
                token.dead = error
        self._refresh = {one: to for one, to in self._refresh.items() if to[0] != where}

    def uninstall(self, where: str) -> bool:
        """Somebody takes the app out; whether the app took both events in."""
        self.revoke(where, "account_inactive")
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}}
        events = (revoked, {"type": "app_uninstalled"})
        taken = [self.tell(where, event) for event in events]
        return all(taken)

    def tell(self, where: str, event: dict[str, Any], at: float | None = None) -> bool:
        """Send an event of a workspace or organization."""
        is_org = where in self.orgs.values()
        slack = next(iter(self.workspaces.values()))
        team = None if is_org else where
        return slack.tell(event, team, where if is_org else None, at)
