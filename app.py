"""The Chalice app: Lambda's entry points, and the local web app's. Nothing else is here.

Importing this needs no setting and opens no connection: wiring happens at first use.
`chalicelib` is the name that Chalice demands for the code it ships.
"""

from __future__ import annotations

from chalice.app import Chalice, Request, Response

from chalicelib import wiring

app = Chalice(app_name="ev-concierge")

FORM_OR_JSON = ["application/x-www-form-urlencoded", "application/json"]


def answer(route: str, **more: str) -> Response:
    """Pass the request on to one platform's door."""
    request = app.current_request
    if not isinstance(request, Request):
        raise AssertionError("a route is called with a request")
    body = request.raw_body
    raw = body.encode() if isinstance(body, str) else body
    door = wiring.office().door(route)
    status, headers, text = door(dict(request.headers), raw, **more)
    return Response(text, {**headers}, status)


@app.route("/slack/events", methods=["POST"], content_types=FORM_OR_JSON)
def slack_events() -> Response:
    """Slack's commands, buttons and events."""
    return answer("/slack/events")


@app.route("/mattermost/command", methods=["POST"], content_types=FORM_OR_JSON)
def mattermost_command() -> Response:
    """Mattermost's slash command."""
    return answer("/mattermost/command")


@app.route("/mattermost/action", methods=["POST"], content_types=FORM_OR_JSON)
def mattermost_action() -> Response:
    """Mattermost's buttons."""
    return answer("/mattermost/action")


@app.route("/health", methods=["GET"])
def health() -> Response:
    """Whether this process can reach its store."""
    ok = wiring.office().is_healthy()
    return Response({"ok": ok}, status_code=200 if ok else 503)
