"""The Chalice app: Lambda's entry points, and the local web app's. Nothing else is here.

Importing this needs no setting and opens no connection: wiring happens at first use.
`chalicelib` is the name that Chalice demands for the code it ships.
"""

from __future__ import annotations

from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, Request, Response

from chalicelib import wiring
from chalicelib.telemetry.entry import watched

app = Chalice(app_name="ev-concierge", configure_logs=False)
app.register_middleware(watched)
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/NONE/stream/NONE"  # deploy/ has the real
WHATEVER = [  # a device may call its JSON anything: its key says that it is a meter
    "application/json",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/plain",
]
PAGE = ["GET", "HEAD"]  # who can look may ask first whether it is there
FORM_OR_JSON = ["application/x-www-form-urlencoded", "application/json"]


def answer(route: str = "", *asked: str, **more: str) -> Response:
    """Pass the request on to its webhook (or another's), with what is `asked` for of the query."""
    request = app.current_request
    if not isinstance(request, Request):
        raise AssertionError("a route is called with a request")
    raw = body.encode() if isinstance(body := request.raw_body, str) else body
    more |= {name: dict(request.query_params or ()).get(name, "") for name in asked}
    webhook = wiring.webhook(route or request.context["resourcePath"])
    status, headers, text = webhook(dict(request.headers), raw, **more)
    return Response(text, {**headers}, status)


@app.route("/slack/events", methods=["POST"], content_types=FORM_OR_JSON)
def slack_events() -> Response:
    """Slack's commands, buttons and events."""
    return answer()


@app.route("/slack/install", methods=PAGE)
@app.route("/slack/oauth_redirect", methods=PAGE)
def slack_install() -> Response:
    """Installing the Slack app: off to Slack, and back from there."""
    return answer("", "code", "state", "error")


@app.route("/mattermost/{what}", methods=["POST"], content_types=FORM_OR_JSON)
def mattermost(what: str) -> Response:
    """Mattermost's slash command, buttons and forms: `command`, `action`, `dialog`."""
    return answer(f"/mattermost/{what}")


@app.route("/hipchat/{what}", methods=[*PAGE, "POST"], content_types=FORM_OR_JSON)
def hipchat(what: str) -> Response:
    """HipChat's add-on: `descriptor`, `installed`, `webhook`, `glance`, `icon.svg`."""
    return answer(f"/hipchat/{what}", "signed_request")


@app.route("/hipchat/installed/{oauth_id}", methods=["DELETE"])
def hipchat_uninstalled(oauth_id: str) -> Response:
    """HipChat's add-on was removed."""
    return answer("/hipchat/installed/{oauth_id}", oauth_id=oauth_id)


@app.route("/sms/webhook", methods=["POST"], content_types=FORM_OR_JSON)
def sms() -> Response:
    """Text messages, as Twilio passes them on."""
    return answer()


@app.route("/meters/{meter}/readings", methods=["POST"], content_types=WHATEVER)
def readings(meter: str) -> Response:
    """What a meter sends."""
    return answer(meter=meter)


@app.route("/energy", methods=PAGE)
def energy() -> Response:
    """A meter's energy, as csv, json or a picture."""
    return answer("", *((app.current_request and app.current_request.query_params) or ()))


@app.route("/board/{link}", methods=PAGE)
def board(link: str) -> Response:
    """The board of a site, for a screen in the lobby."""
    return answer(link=link)


@app.route("/report", methods=PAGE)
def report() -> Response:
    """A site's report, as csv or a picture, to who has a link."""
    return answer("", *((app.current_request and app.current_request.query_params) or ()))


@app.route("/health", methods=PAGE)
def health() -> Response:
    """Whether this process can reach its store."""
    ok = wiring.is_healthy()
    return Response({"ok": ok}, status_code=200 if ok else 503)


@app.on_dynamodb_record(stream_arn=STREAM)
def deliver(event: DynamoDBEvent) -> None:
    """A record only says which site to look after; what is to be said stands in the site."""
    keys = (record.keys["pk"]["S"] for record in event)
    wiring.endpoints().deliver(key.removeprefix("site#") for key in keys)


@app.schedule("rate(1 minute)")
def tick(_event: CloudWatchEvent) -> None:
    """The alarm clock, beside the listener's and in its stead."""
    wiring.endpoints().wake_due()
