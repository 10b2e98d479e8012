"""HTTP as Slack speaks it: `/api/METHOD` and the response_urls under `/hooks/`."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

from practice.common.wsgi import BadRequest, Response, body_of, json_response, read_object

from .faults import Outage, SlackError, TooFast
from .oauth import Home
from .workspace_peer import Slack

FORM_ONLY = "files.getUploadURLExternal"  # JSON is as good as nothing
LONGEST_SILENCE = 60.0  # real seconds that a call hangs in an outage


class SlackWeb:
    """Answers every request in Slack's way."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def api(self, method: str, environ: WSGIEnvironment) -> Response:
        """One Web API call: HTTP 200 even when refused, 429 when too fast."""
        try:
            args = _args(environ)
            if method == FORM_ONLY and is_json(environ):
                args = {}
            if method == "oauth.v2.access" and self._slack.oauth is not None:
                granted = self._slack.oauth.access(args, _basic(environ))
                return json_response({"ok": True, **granted})
            token = _bearer(environ) or args.pop("token", "")
            api = self._home(token, args).api
            answer = api.call(method, token, args)
            if token.startswith("xapp-"):  # an app's token; scopes are a bot's
                return json_response(answer)
            scopes = [("X-OAuth-Scopes", ",".join(sorted(api.scopes_of(token))))]
            return json_response(answer, headers=scopes)
        except BadRequest:
            return json_response({"ok": False, "error": "invalid_post_type"})
        except SlackError as error:
            return json_response({"ok": False, "error": error.error, **error.more})
        except TooFast as error:
            headers = [("Retry-After", str(error.retry_after))]
            return json_response({"ok": False, "error": "ratelimited"}, 429, headers)
        except Outage as outage:
            if outage.how != "500":
                self._slack.api.over.wait(LONGEST_SILENCE)
            return json_response({"ok": False, "error": "fatal_error"}, 500)

    def upload(self, ticket: str, environ: WSGIEnvironment) -> Response:
        """The bytes of a file, to the address that was given for it; no token."""
        body = body_of(environ)
        status = self._slack.api.files.take(ticket, body)
        said = f"OK - {len(body)}" if status == 200 else "no"
        return Response(status, said.encode(), "text/plain")

    def file(self, file_id: str) -> Response:
        """What people see of a file that was shown."""
        file = self._slack.api.files.read(file_id)
        if file is None or file.body is None:
            raise BadRequest("nothing here", 404)
        return Response(200, file.body, file.kind)

    def authorize(self, environ: WSGIEnvironment) -> Response:
        """`/oauth/v2/authorize`: the page, and what was chosen there. Raises BadRequest."""
        oauth = self._slack.oauth
        if oauth is None:
            raise BadRequest("no app to install", 404)
        if environ["REQUEST_METHOD"] == "POST":
            back = oauth.decide(dict(_form(body_of(environ).decode("utf-8", "replace"))))
            return Response(302, b"", "text/plain", [("Location", back)])
        page = oauth.page(dict(_form(environ.get("QUERY_STRING", ""))))
        return Response(200, page, "text/html; charset=utf-8")

    def _home(self, token: str, args: dict[str, Any]) -> Home:
        oauth = self._slack.oauth
        return (oauth.home_of(token, args) if oauth is not None else None) or self._slack

    def hook(self, team: str, token: str, environ: WSGIEnvironment) -> Response:
        """A post to a response_url; no token needed but the one in the address."""
        oauth = self._slack.oauth
        slack: Home = oauth.workspaces.get(team, self._slack) if oauth is not None else self._slack
        try:
            slack.hooks.use(token, read_object(body_of(environ)))
        except SlackError as error:
            status = 404 if error.error.endswith("_url") else 400
            return json_response({"ok": False, "error": error.error}, status)
        return Response(200, b"ok", "text/plain; charset=utf-8")


def is_json(environ: WSGIEnvironment) -> bool:
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    return bool(kind == "application/json")


def _args(environ: WSGIEnvironment) -> dict[str, Any]:
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    query = dict(_form(environ.get("QUERY_STRING", "")))
    body = body_of(environ)
    if kind == "application/json":
        return query | (read_object(body) if body else {})
    return query | dict(_form(body.decode("utf-8", "replace")))


def _form(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise BadRequest("not a form") from error


def _basic(environ: WSGIEnvironment) -> tuple[str, str]:
    """Who the client is, and its secret (RFC 7617)."""
    scheme, _, pair = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        found = base64.b64decode(pair).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        found = ""
    client_id, _, secret = found.partition(":")
    return client_id, secret


def _bearer(environ: WSGIEnvironment) -> str:
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
