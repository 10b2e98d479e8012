"""Slack's Web API, as far as the concierge uses it, and as strict ("Slack docs: methods")."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any, Protocol

from practice.common.posts import Message

from .faults import Outage, SlackError, TooFast
from .files import Files
from .pace import Pace
from .pins import add_pin, remove_pin
from .socket import Sockets
from .validator import content, text_in as _text, validate
from .views import Views
from .workspace import APP_ID, BOT_ID, BOT_USER, CHANNEL_NAME, TEAM_DOMAIN, Workspace

Args = dict[str, Any]
Answer = dict[str, Any]

BRAND = ("username", "icon_emoji", "icon_url")
SCOPES = frozenset(
    {"channels:read", "chat:write", "chat:write.public", "commands", "files:write", "groups:read", "im:write", "pins:write", "users:read"}
)  # fmt: skip


LONGEST_EDIT = 4_000  # characters (Slack docs: chat.update)


class Tokens(Protocol):
    """Who knows more tokens than a workspace's own."""

    def check(self, token: str, team: str) -> str:
        """The scopes that a token has in a workspace. Raises SlackError."""


class WebApi:
    """`call` is one request. Tests set its faults: `scopes`, `revoke`, `fail`.

    `calls` counts what was asked, `limited` remembers the methods that were called too fast;
    setting `over` ends the silence of calls that hang. `oauth` knows more tokens than ours.
    """

    def __init__(self, workspace: Workspace, token: str, sockets: Sockets | None = None) -> None:
        self.scopes = set(SCOPES)
        self.views = Views()
        self.files = Files(workspace)
        self.has_home = True  # the Home tab is switched on in the app's settings
        self.limited: list[str] = []
        self.calls: Counter[str] = Counter()
        self.over = Event()
        self.oauth: Tokens | None = None
        self._workspace = workspace
        self._token = token
        self._sockets = sockets
        self._revoked = ""
        self._pace = Pace()
        self._failures: deque[str] = deque()
        self._methods: dict[str, tuple[str, Callable[[Args], Answer]]] = {
            "auth.test": ("", self._auth_test),
            "chat.postMessage": ("chat:write", self._post),
            "chat.update": ("chat:write", self._update),
            "chat.postEphemeral": ("chat:write", self._post_ephemeral),
            "chat.getPermalink": ("", self._permalink),
            "conversations.info": ("channels:read", self._channel),
            "conversations.open": ("im:write", self._open),
            "pins.add": ("pins:write", lambda args: add_pin(workspace, args)),
            "pins.remove": ("pins:write", lambda args: remove_pin(workspace, args)),
            "users.info": ("users:read", self._user),
            "views.open": ("", self._open_view),
            "views.publish": ("", self._publish_view),
            "files.getUploadURLExternal": ("files:write", self.files.ask),
            "files.completeUploadExternal": ("files:write", self.files.complete),
            "blocks.validate": ("", self._validate),
        }

    def revoke(self, error: str = "token_revoked") -> None:
        """From now on the token gets this error (`account_inactive` is another)."""
        self._revoked = error

    def fail(self, times: int, how: str) -> None:
        """Let the next calls fail: with a Slack error such as "internal_error", or else
        "500", "timeout" (no answer, nothing done) or "lost" (no answer, but done).
        """
        self._failures.extend([how] * times)

    def call(self, method: str, token: str, args: Args) -> Answer:
        """The answer to one call. Raises SlackError, TooFast or Outage."""
        with self._workspace.lock:
            self.calls[method] += 1
            failure = self._failures.popleft() if self._failures else ""
            if failure in ("500", "timeout"):
                raise Outage(failure)
            if failure and failure != "lost":
                raise SlackError(failure)
            try:
                answer = self._checked(method, token, args)
            except TooFast:
                self.limited.append(method)
                raise
            if failure:
                raise Outage(failure)
            return {"ok": True, **answer}

    def _checked(self, method: str, token: str, args: Args) -> Answer:
        if method == "apps.connections.open":
            if self._sockets is None:
                raise SlackError("invalid_auth" if token.startswith("xapp-") else "not_authed")
            return self._sockets.open(token)
        if token.startswith("xapp-"):
            raise SlackError("not_allowed_token_type")
        if method not in self._methods:
            raise SlackError("unknown_method", req_method=method)
        scopes = self.scopes_of(token)
        scope, answer = self._methods[method]
        if scope and scope not in scopes:
            provided = ",".join(sorted(scopes))
            raise SlackError("missing_scope", needed=scope, provided=provided)
        self._pace.call(method, self._workspace.clock.now())
        return answer(args)

    def scopes_of(self, token: str) -> set[str]:
        """What a token may. Raises SlackError."""
        if not token:
            raise SlackError("not_authed")
        if token != self._token and self.oauth is not None:
            return set(self.oauth.check(token, self._workspace.team).split(","))
        if token != self._token:
            raise SlackError("invalid_auth")
        if self._revoked:
            raise SlackError(self._revoked)
        return self.scopes

    def _auth_test(self, _: Args) -> Answer:
        return {
            "url": f"https://{TEAM_DOMAIN}.slack.example/",
            "team": TEAM_DOMAIN,
            "user": "concierge",
            "team_id": self._workspace.team,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _post(self, args: Args) -> Answer:
        channel = self._writable(_text(args, "channel"))
        message = Message(channel, self._workspace.seen_in(channel), *self._content(args))
        message.more = self._thread(channel, args) | self._author(args)
        self._check_loud(args, message.text)
        self._pace.post(channel, self._workspace.clock.now())
        self._workspace.show(message)
        return {
            "channel": channel,
            "ts": message.ts,
            "message": as_slack(message, self._workspace.team),
        }

    def _author(self, args: Args) -> dict[str, Any]:
        """Another name and icon than the app's (Slack docs: chat.postMessage, authorship)."""
        given = {name: args[name] for name in BRAND if args.get(name)}
        if not given:
            return {}
        if "chat:write.customize" not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise SlackError("missing_scope", needed="chat:write.customize", provided=provided)
        if (
            not all(isinstance(one, str) for one in given.values())
            or len(given.get("username", "")) > 80
        ):
            raise SlackError("invalid_arguments")
        return {"author": given}

    def _thread(self, channel: str, args: Args) -> dict[str, Any]:
        """Under which message (Slack docs: `thread_ts`): one that is there, and no reply itself."""
        ts = _text(args, "thread_ts")
        if not ts:
            return {}
        parent = self._workspace.feed.find(channel, ts)
        if parent is None or parent.deleted or parent.ephemeral:
            raise SlackError("thread_not_found")
        if "thread" in parent.more:
            raise SlackError("cannot_reply_to_message")
        return {"thread": parent.first}

    def _update(self, args: Args) -> Answer:
        """Takes the conversation's id only: a user's will not do (Slack docs: chat.update)."""
        channel = _text(args, "channel")
        self._workspace.seen_in(channel)
        if channel == self._workspace.channel:
            self._workspace.check_writable()
        message = self._workspace.feed.find(channel, _text(args, "ts"))
        if message is None or message.ephemeral or message.deleted:
            raise SlackError("message_not_found")
        if message.by != "bot":
            raise SlackError("cant_update_message")
        text, blocks = self._content(args)
        if len(text) > LONGEST_EDIT:
            raise SlackError("msg_too_long")
        self._check_loud(args, text)
        self._workspace.change(message, text, blocks)
        return {
            "channel": channel,
            "ts": message.ts,
            "text": text,
            "message": as_slack(message, self._workspace.team),
        }

    def _post_ephemeral(self, args: Args) -> Answer:
        channel = self._writable(_text(args, "channel"), direct=False)
        user = _text(args, "user")
        if user not in self._workspace.names or user not in self._workspace.members:
            raise SlackError("user_not_in_channel")
        name = self._workspace.names[user]
        if self._workspace.seen_in(channel) not in ("channel", name):
            raise SlackError("user_not_in_channel")
        message = Message(channel, name, *self._content(args), ephemeral=True)
        message.more = self._thread(channel, args)
        self._check_loud(args, message.text)
        self._workspace.show(message)
        return {"message_ts": message.ts}

    def _permalink(self, args: Args) -> Answer:
        """Needs no scope; a message of a channel that the token sees (Slack docs)."""
        channel, ts = _text(args, "channel"), _text(args, "message_ts")
        self._workspace.seen_in(channel)
        if self._workspace.feed.find(channel, ts) is None:
            raise SlackError("message_not_found")
        url = f"https://{TEAM_DOMAIN}.slack.example/archives/{channel}/p{ts.replace('.', '')}"
        return {"channel": channel, "permalink": url}

    def _channel(self, args: Args) -> Answer:
        channel = _text(args, "channel")
        is_direct = self._workspace.seen_in(channel) != "channel"
        return {
            "channel": {
                "id": channel,
                "name": "" if is_direct else CHANNEL_NAME,
                "is_channel": not is_direct,
                "is_im": is_direct,
                "is_private": False,
                "is_archived": self._workspace.archived and not is_direct,
                "is_member": BOT_USER in self._workspace.members or is_direct,
            }
        }

    def _open(self, args: Args) -> Answer:
        users = _text(args, "users").split(",")
        if len(users) != 1 or not users[0]:
            raise SlackError("users_list_not_supplied" if not users[0] else "too_many_users")
        return {"channel": {"id": self._workspace.open_direct(users[0])}}

    def _open_view(self, args: Args) -> Answer:
        view = self.views.open(_text(args, "trigger_id"), args.get("view"))
        self._workspace.check_shown(view["blocks"])
        return {"view": {**view, "team_id": self._workspace.team, "app_id": APP_ID}}

    def _publish_view(self, args: Args) -> Answer:
        if not self.has_home:
            raise SlackError("not_enabled")
        user = _text(args, "user_id")
        if user not in self._workspace.names:
            raise SlackError("user_not_found")
        view = self.views.publish(user, args.get("view"), _text(args, "hash"))
        self._workspace.check_shown(view["blocks"])
        return {"view": {**view, "team_id": self._workspace.team, "app_id": APP_ID}}

    def _user(self, args: Args) -> Answer:
        user = _text(args, "user")
        if user == BOT_USER:
            us = {"id": user, "name": "concierge", "is_bot": True, "deleted": False}
            return {"user": {**us, "team_id": self._workspace.team, "profile": {}}}
        account = self._workspace.accounts.of(user)
        if self._workspace.refusing.get(user) == "user_disabled":
            account = replace(account, deleted=True)
        return {"user": account.as_slack(self._workspace.team)}

    def _writable(self, channel: str, *, direct: bool = True) -> str:
        """The conversation to post in, for its id or (`direct`) a person's."""
        if direct and channel in self._workspace.names:
            return self._workspace.open_direct(channel)
        to = self._workspace.seen_in(channel)
        if to != "channel":
            return self._workspace.open_direct(self._workspace.drivers[to].slack_id)
        self._workspace.check_writable()
        if BOT_USER not in self._workspace.members and "chat:write.public" not in self.scopes:
            raise SlackError("not_in_channel")
        return channel

    def _check_loud(self, args: Args, text: str) -> None:
        if args.get("link_names") in (True, 1, "1", "true") or args.get("parse") == "full":
            self._workspace.check_loud(text)

    def _content(self, args: Args) -> tuple[str, list[dict[str, Any]]]:
        """Text and blocks. Raises SlackError when there is nothing to read."""
        return content(args, charts=self._workspace.takes_charts)

    def _validate(self, args: Args) -> Answer:
        return validate(args, charts=self._workspace.takes_charts)


def as_slack(message: Message, team: str) -> dict[str, Any]:
    """A message as Slack hands it to apps."""
    return {
        "type": "message",
        "user": BOT_USER,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "team": team,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
