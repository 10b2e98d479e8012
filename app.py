"""The Chalice app: Lambda's entry points, and the local web app's. Nothing else is here.

Importing this needs no setting and opens no connection: wiring happens at first use.
`chalicelib` is the name that Chalice demands for the code it ships.
"""

from __future__ import annotations

from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, Request, Response

from chalicelib import wiring

app = Chalice(app_name="ev-concierge")

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/NONE/stream/NONE"  # deploy/ has the real
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


@app.route("/hipchat/{what}", methods=["GET", "POST"], content_types=FORM_OR_JSON)
def hipchat(what: str) -> Response:
    """HipChat's add-on: `descriptor`, `installed`, `webhook`, `glance`, `icon.svg`."""
    query = app.current_request.query_params if app.current_request else None
    signed = query.get("signed_request", "") if query else ""
    return answer(f"/hipchat/{what}", signed=signed)


@app.route("/hipchat/installed/{oauth_id}", methods=["DELETE"])
def hipchat_uninstalled(oauth_id: str) -> Response:
    """HipChat's add-on was removed."""
    return answer("/hipchat/installed/{oauth_id}", oauth_id=oauth_id)


@app.route("/health", methods=["GET"])
def health() -> Response:
    """Whether this process can reach its store."""
    ok = wiring.office().is_healthy()
    return Response({"ok": ok}, status_code=200 if ok else 503)


@app.on_dynamodb_record(stream_arn=STREAM)
def deliver(event: DynamoDBEvent) -> None:
    """A record only says which site to look after; what is to be said stands in the site."""
    keys = (record.keys["pk"]["S"] for record in event)
    wiring.office().deliver(key.removeprefix("site#") for key in keys)


@app.schedule("rate(1 minute)")
def tick(_event: CloudWatchEvent) -> None:
    """The alarm clock, beside the listener's and in its stead."""
    wiring.office().wake_due()
