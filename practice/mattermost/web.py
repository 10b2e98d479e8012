"""HTTP as a Mattermost server speaks it: API v4, for one bot."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any
from wsgiref.types import WSGIEnvironment

from practice.common.wsgi import BadRequest, Response, body_of, json_response, read_object

from .dialogs import BadDialog
from .files import FileRefused
from .server import BOT, CHANNEL, ApiError, Mattermost, id_of

BURST, WINDOW = 10, timedelta(seconds=1)  # per second: the server's default


class MattermostWeb:
    """Answers every request as the server would."""

    def __init__(self, server: Mattermost) -> None:
        self._server = server
        self._recent: list[datetime] = []

    def answer(self, environ: WSGIEnvironment) -> Response:
        """One call to `/api/v4/…`."""
        with self._server.peer.lock:
            try:
                if wait := self._server.peer.wait(self._recent, BURST, WINDOW):
                    return self._too_fast(wait)
                return self._answer(environ)
            except (ApiError, FileRefused) as error:
                body = {"id": str(error), "message": "…", "status_code": error.status}
                return json_response(body, error.status)

    def _answer(self, environ: WSGIEnvironment) -> Response:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {self._server.bot_token}":
            raise ApiError("api.context.session_expired.app_error", 401)
        path = environ["PATH_INFO"].removeprefix("/api/v4/").split("/")
        match environ["REQUEST_METHOD"], *path:
            case "GET", "users", who:
                return json_response(self._user(who))
            case "GET", "channels", channel, "members", "me":
                if channel != CHANNEL or BOT not in self._server.members:
                    raise ApiError("app.channel.get_member.missing.app_error", 404)
                return json_response({"channel_id": channel, "user_id": BOT})
            case "POST", "channels", "direct":
                return json_response({"id": self._direct(json.loads(body_of(environ)))}, 201)
            case "POST", "files":
                people = [id_of(f"dm{name}") for name in self._server.names.values()]
                return json_response(self._server.files.take(environ, [CHANNEL, *people]), 201)
            case "POST", "posts":
                return json_response({"id": self._post(read_object(body_of(environ)))}, 201)
            case "POST", "actions", "dialogs", "open":
                return self._open_dialog(read_object(body_of(environ)))
            case "PUT", "posts", post, "patch":
                self._check_changeable(post)
                self._server.change(self._server.posts[post], read_object(body_of(environ)))
                return json_response({"id": post})
            case "POST", "posts", post, ("pin" | "unpin") as how:
                self._pin(post, how)
                return json_response({"status": "OK"})
        raise BadRequest("nothing here", 404)

    def _open_dialog(self, request: dict[str, Any]) -> Response:
        try:
            self._server.dialogs.open(request)
        except LookupError as error:
            raise ApiError("interactive_message.decode_trigger_id.expired", 400) from error
        except BadDialog as error:
            self._server.peer.record_violation(f"a dialog that can't be shown: {error}")
            raise ApiError("app.open_interactive_dialog.invalid.app_error", 400) from error
        return json_response({"status": "OK"})

    def _check_changeable(self, post: str) -> None:
        """Raises ApiError for a post that was deleted, or is in an archived channel."""
        if post not in self._server.posts:
            raise ApiError("app.post.get.app_error", 404)
        if self._server.archived and self._server.posts[post].to == "channel":
            raise ApiError("api.post.patch_post.can_not_update_post_in_deleted.error", 403)

    def _pin(self, post: str, how: str) -> None:
        """Again is no error (Mattermost docs: pin a post to the channel)."""
        self._check_changeable(post)
        if not self._server.may_pin:
            raise ApiError("api.context.permissions.app_error", 403)
        self._server.peer.pin(self._server.posts[post], is_on=how == "pin")

    def _user(self, who: str) -> dict[str, str]:
        if who == "me":
            return {"id": BOT, "username": "concierge"}
        if who not in self._server.names:
            raise ApiError("app.user.missing_account.const", 404)
        return {"id": who, "username": self._server.names[who]}

    def _direct(self, pair: list[str]) -> str:
        if len(pair) != 2 or pair[0] != BOT or pair[1] not in self._server.names:
            raise ApiError("api.channel.create_direct_channel.invalid_user.app_error", 400)
        return id_of(f"dm{self._server.names[pair[1]]}")

    def _post(self, value: dict[str, Any]) -> str:
        channel = value.get("channel_id", "")
        people = {id_of(f"dm{name}"): name for name in self._server.names.values()}
        if channel != CHANNEL and channel not in people:
            raise ApiError("api.context.permissions.app_error", 403)
        if channel == CHANNEL and BOT not in self._server.members:
            raise ApiError("api.context.permissions.app_error", 403)
        to = people.get(channel, "channel")
        if self._server.archived and to == "channel":
            raise ApiError("api.post.create_post.can_not_post_to_deleted.error", 400)
        if to in self._server.refusing:
            raise ApiError(self._server.refusing[to], 403)
        files = self._server.files.shown(value.get("file_ids") or [], channel)
        self._server.show(to, value.get("message", ""), value.get("props") or {}, files=files)
        return self._server.peer.shown[-1].id

    def _too_fast(self, wait: timedelta) -> Response:
        headers = [("X-RateLimit-Limit", str(BURST)), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", str(math.ceil(wait.total_seconds())))]  # fmt: skip
        return Response(429, b"limit exceeded", "text/plain", headers)
