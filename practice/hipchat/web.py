"""HTTP as a HipChat server speaks it: capabilities, tokens and API v2."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from practice.common.wsgi import Headers, Response, body_of, json_response, read_object

from .server import GROUP, ROOM, HipChat

TOKEN_LIFE = timedelta(hours=8)
ALL, ALL_WINDOW = 500, timedelta(minutes=5)  # requests of an add-on
EACH, EACH_WINDOW = 30, timedelta(minutes=1)  # messages to one recipient


class Refused(Exception):
    """What the API refuses with: a status, and its own word for it."""

    def __init__(self, status: int, kind: str, headers: Headers = ()) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.headers = headers


class HipChatWeb:
    """Answers every request as the server would."""

    def __init__(self, server: HipChat) -> None:
        self._server = server
        self._tokens: dict[str, tuple[str, datetime]] = {}  # whose, until when
        self._calls: list[datetime] = []
        self._sent: dict[str, list[datetime]] = {}

    def answer(self, environ: WSGIEnvironment) -> Response:
        """One request; the date is the server's own, on site time."""
        with self._server.peer.lock:
            date = ("Date", format_datetime(self._now, usegmt=True))
            try:
                return self._answer(environ, [date])
            except Refused as refused:
                error = {"code": refused.status, "type": refused.kind, "message": "…"}
                headers = [date, *refused.headers]
                return json_response({"error": error}, refused.status, headers)

    @property
    def _now(self) -> datetime:
        return self._server.peer.clock.now()

    def _answer(self, environ: WSGIEnvironment, headers: Headers) -> Response:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/")
        match method, *path:
            case "GET", "v2", "capabilities":
                return json_response(self._capabilities(), headers=headers)
            case "POST", "v2", "oauth", "token":
                return json_response(self._token(environ), headers=headers)
        self._check_token(environ)
        self._pace(self._calls, ALL, ALL_WINDOW, "X-Ratelimit")
        match method, *path:
            case "POST", "v2", "room", room, "notification":
                self._may("send_notification")
                if room != str(ROOM):
                    raise Refused(404, "Not Found")
                return self._show("channel", environ, headers)
            case "POST", "v2", "user", user, "message":
                self._may("send_message")
                name = self._name(user)
                if name in self._server.refusing:
                    raise Refused(403, "Forbidden")
                return self._show(name, environ, headers)
            case "GET", "v2", "user", user:
                self._may("view_group")
                name = self._name(user)
                found = {"id": int(user), "mention_name": name, "name": f"{name.capitalize()} Example"}  # fmt: skip
                return json_response(found, headers=headers)
        raise Refused(404, "Not Found")

    def _capabilities(self) -> dict[str, Any]:
        here = f"{self._server.url}/v2"
        return {
            "name": "HipChat",
            "capabilities": {
                "oauth2Provider": {"tokenUrl": f"{here}/oauth/token"},
                "hipchatApiProvider": {"url": f"{here}/"},
            },
        }

    def _token(self, environ: WSGIEnvironment) -> dict[str, Any]:
        addon = self._server.addon
        scheme, _, pair = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        given = base64.b64decode(pair).decode() if scheme == "Basic" else ""
        if addon is None or given != f"{addon.oauth_id}:{addon.secret}":
            raise Refused(401, "Unauthorized")
        form = parse_qs(body_of(environ).decode())
        asked = set(form.get("scope", [""])[0].split())
        if form.get("grant_type") != ["client_credentials"] or not asked <= addon.scopes:
            raise Refused(400, "Bad Request")
        token = secrets.token_urlsafe(30)
        self._tokens[token] = (addon.oauth_id, self._now + TOKEN_LIFE)
        return {
            "access_token": token,
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "group_id": GROUP,
            "group_name": "Practice",
            "scope": " ".join(sorted(asked)),
            "token_type": "bearer",
        }

    def _check_token(self, environ: WSGIEnvironment) -> None:
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        whose, until = self._tokens.get(token, ("", self._now))
        addon = self._server.addon
        if scheme != "Bearer" or addon is None or whose != addon.oauth_id or until <= self._now:
            raise Refused(401, "Unauthorized")

    def _may(self, scope: str) -> None:
        if self._server.addon is None or scope not in self._server.addon.scopes:
            raise Refused(403, "Forbidden")

    def _name(self, user: str) -> str:
        for name, number in self._server.people.items():
            if user == str(number):
                return name
        raise Refused(404, "Not Found")

    def _show(self, to: str, environ: WSGIEnvironment, headers: Headers) -> Response:
        self._pace(self._sent.setdefault(to, []), EACH, EACH_WINDOW, "X-FloodControl")
        said = read_object(body_of(environ))
        if to != "channel" and set(said) - {"message", "message_format", "notify"}:
            raise Refused(400, "Bad Request")
        if len(re.sub(r"\s", "", str(said.get("from", "")))) > 64:
            raise Refused(400, "Bad Request")
        try:
            self._server.show(to, said)
        except ValueError as error:
            raise Refused(400, "Bad Request") from error
        return Response(204, b"", "application/json", headers)

    def _pace(self, calls: list[datetime], most: int, window: timedelta, family: str) -> None:
        """Count a call. Raises Refused with 429 and when it may be tried again."""
        if wait := self._server.peer.wait(calls, most, window):
            reset = int((self._now + wait).timestamp()) + 1
            raise Refused(
                429,
                "Too Many Requests",
                [
                    (f"{family}-Limit", str(most)),
                    (f"{family}-Remaining", "0"),
                    (f"{family}-Reset", str(reset)),
                ],
            )
