"""What Slack sends, as far as we read it.

Bolt takes the shape of every field for granted, so it is given only the fields that stand
here, in these shapes. What is missing or strange is the sender's mistake, not ours.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Struct

from chalicelib import shapes
from chalicelib.shapes import JSON_OBJECT, Shape

Id = Annotated[str, Meta(pattern=r"\A[A-Z0-9]{1,32}\Z")]  # of teams, channels and users
Url = Annotated[str, Meta(pattern=r"\Ahttps?://[!-~]{1,1000}\Z")]


class Malformed(Exception):
    """Signed by Slack, and yet not what Slack's documents say."""


class Command(Struct):
    """A slash command (Slack docs: interactivity/implementing-slash-commands)."""

    command: str
    team_id: Id
    user_id: Id
    channel_id: Id
    user_name: str = ""
    text: str = ""
    trigger_id: str = ""
    enterprise_id: str | None = None
    is_enterprise_install: str | bool | None = None  # a text, by HTTP


class Named(Struct):
    id: Id


NAMED: Shape[Named] = Shape(Named)


class User(Named):
    username: str = ""
    name: str = ""
    team_id: str = ""


class Container(Struct):
    is_ephemeral: bool = False


class Action(Struct):
    action_id: str
    value: str = ""


class HomeView(Struct):
    """The Home tab in which something was pressed."""

    type: Literal["home"]


class Click(Struct):
    """A button (Slack docs: reference/interaction-payloads/block_actions)."""

    type: Literal["block_actions"]
    user: User
    actions: Annotated[list[Action], Meta(min_length=1)]
    response_url: Url | None = None  # None: pressed in the Home tab
    view: HomeView | None = None
    team: Named | None = None
    channel: Named | None = None
    container: Container | None = None
    trigger_id: str = ""
    enterprise: Named | None = None
    is_enterprise_install: bool | None = None

    def __post_init__(self) -> None:
        """Installed for an organization, the team may stand with the user alone."""
        self.team = self.team or NAMED.of({"id": self.user.team_id})
        if self.response_url is None and self.view is None:
            raise ValueError("pressed nowhere")


class State(Struct, frozen=True):
    """What was filled in: by block_id, then by action_id."""

    values: dict[str, dict[str, dict[str, Any]]] = {}


class Modal(Struct):
    id: str
    type: Literal["modal"]
    callback_id: str = ""
    private_metadata: str = ""
    state: State = State()


class Submission(Struct):
    """A form that was sent, or closed (Slack docs: interaction-payloads/view)."""

    type: Literal["view_submission", "view_closed"]
    user: User
    view: Modal
    team: Named | None = None
    trigger_id: str = ""
    enterprise: Named | None = None
    is_enterprise_install: bool | None = None

    def __post_init__(self) -> None:
        """As in `Click`."""
        self.team = self.team or NAMED.of({"id": self.user.team_id})


class Shortcut(Struct):
    """A global shortcut (Slack docs: interaction-payloads/shortcuts)."""

    type: Literal["shortcut"]
    callback_id: str
    user: User
    team: Named | None = None
    trigger_id: str = ""
    enterprise: Named | None = None
    is_enterprise_install: bool | None = None

    def __post_init__(self) -> None:
        """As in `Click`."""
        self.team = self.team or NAMED.of({"id": self.user.team_id})


class Status(Struct):
    """Of a user's profile, what we read (Slack docs: reference/objects/user-object)."""

    display_name: str = ""
    real_name: str = ""
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: float = 0


class ChangedUser(Struct):
    """Of whom an event tells (Slack docs: events/user_change, events/user_status_changed)."""

    id: Id
    team_id: str = ""
    name: str = ""
    real_name: str = ""
    deleted: bool = False
    is_bot: bool = False
    profile: Status = msgspec.field(default_factory=Status)


CHANGED: Shape[ChangedUser] = Shape(ChangedUser)
ABOUT_PEOPLE = ("user_change", "user_status_changed")


class Event(Struct):
    """Something that happened; of a message, who wrote what where (Slack docs: events/message)."""

    type: str
    subtype: str | None = None
    bot_id: str | None = None
    user: Any = ""
    channel: Any = ""
    text: Any = ""
    ts: Any = ""  # with the channel, what the message is called
    thread_ts: Any = ""  # of a reply: under which message
    tokens: Any = None  # of tokens_revoked: whose, by kind
    inviter: Any = ""  # of member_joined_channel
    changed: Any = None  # of an event about a user: who it is
    tab: Any = ""  # of app_home_opened: home, or messages …
    view: Any = None  # … and what stands there

    def __post_init__(self) -> None:
        """Some events have objects here; only messages, which have text, are ours to read, and
        what is told of users.
        """
        self.changed = None
        if self.type in ABOUT_PEOPLE:
            with suppress(shapes.Malformed):
                self.changed = CHANGED.of(self.user)
        self.inviter = self.inviter if isinstance(self.inviter, str) else ""
        self.user = self.user if isinstance(self.user, str) else ""
        self.channel = self.channel if isinstance(self.channel, str) else ""
        self.text = self.text if isinstance(self.text, str) else ""
        self.ts = self.ts if isinstance(self.ts, str) else ""
        self.thread_ts = self.thread_ts if isinstance(self.thread_ts, str) else ""


class Authorization(Struct):
    """For whom an event was sent: of a workspace's app, its bot."""

    user_id: str = ""
    is_bot: bool = False


AUTHORIZATIONS: Shape[list[Authorization]] = Shape(list[Authorization])


class EventCallback(Struct):
    """An event (Slack docs: apis/events-api)."""

    type: Literal["event_callback"]
    event: Event
    team_id: str | None = ""  # None: of an organization
    event_id: str = ""
    enterprise_id: str | None = None
    event_time: float = 0.0
    authorizations: Any = None

    def __post_init__(self) -> None:
        self.team_id = self.team_id or ""
        try:
            self.authorizations = AUTHORIZATIONS.of(self.authorizations or [])
        except shapes.Malformed:
            self.authorizations = []


class UrlVerification(Struct):
    """Slack asks whether we are here (Slack docs: reference/events/url_verification)."""

    type: Literal["url_verification"]
    challenge: str


class Kind(Struct):
    """What something is, whatever else it says."""

    type: str = ""


KIND: Shape[Kind] = Shape(Kind)


class Envelope(Struct):
    """What Socket Mode puts around each (Slack docs: apis/events-api/using-socket-mode)."""

    type: str
    envelope_id: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    reason: str = ""


SSL_CHECK = re.compile(r"(?:^|&)ssl_check=1(?:&|$)")  # anybody may send it: nothing is taken apart
COMMAND: Shape[Command] = Shape(Command)
ENVELOPE: Shape[Envelope] = Shape(Envelope)
SHAPES: dict[object, Shape[Any]] = {
    "block_actions": Shape(Click),
    "view_submission": Shape(Submission),
    "view_closed": Shape(Submission),
    "shortcut": Shape(Shortcut),
    "event_callback": Shape(EventCallback),
    "url_verification": Shape(UrlVerification),
}


def shaped(text: str, kind: str) -> dict[str, Any]:
    """The request as bolt may have it; `kind` is its content type.

    Raises Malformed; the reason repeats nothing of what was sent.
    """
    try:
        body = read(text, kind)
        shape = COMMAND if "command" in body else SHAPES.get(str(body.get("type")))
        if shape is None:
            raise Malformed("nothing I know")
        found: dict[str, Any] = msgspec.to_builtins(shape.of(body))
    except (shapes.Malformed, msgspec.MsgspecError, RecursionError) as error:
        raise Malformed(f"not as Slack sends it: {error}") from error
    return found


def read(text: str, kind: str) -> dict[str, Any]:
    """JSON, a form, or JSON in a form's `payload`."""
    if kind.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
        return JSON_OBJECT.of_json(text)
    form = dict(parse_qsl(text, keep_blank_values=True))
    if "payload" in form:
        return JSON_OBJECT.of_json(form["payload"])
    return form


def read_envelope(text: str | bytes) -> Envelope:
    """What came over the socket. Raises Malformed."""
    try:
        return ENVELOPE.of_json(text)
    except shapes.Malformed as error:
        raise Malformed(f"not as Slack sends it: {error}") from error


def is_rate_limited(text: str) -> bool:
    """Slack held back events, as there were too many (Slack docs: apis/events-api)."""
    if '"app_rate_limited"' not in text:
        return False
    try:
        return KIND.of_json(text).type == "app_rate_limited"
    except shapes.Malformed:
        return False


def is_ssl_check(text: str) -> bool:
    """Slack looks at our certificate; there is nothing to say."""
    return SSL_CHECK.search(text) is not None
