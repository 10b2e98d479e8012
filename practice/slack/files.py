"""Files in three steps, as Slack takes them ("Slack docs: working with files,
files.getUploadURLExternal, files.completeUploadExternal").

What was asked for and never sent, or sent and never completed, is nowhere to be seen.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from practice.common.posts import Message

from .faults import SlackError
from .workspace import BOT_USER, Workspace

Args = dict[str, Any]
LARGEST = 1_000_000  # bytes; Slack takes a thousand times as much
LONGEST_ALT = 1_000
KINDS = {"png": "image/png", "csv": "text/csv"}
STALL = 60.0  # real seconds


@dataclass(slots=True)
class File:
    """One file: asked for, then sent, then shown."""

    id: str
    name: str
    length: int
    alt: str
    body: bytes | None = None
    shown: bool = False

    @property
    def kind(self) -> str:
        return KINDS.get(self.name.rpartition(".")[2], "application/octet-stream")


class Files:
    """`stalled`: the bytes are never taken, as when a connection hangs."""

    def __init__(self, workspace: Workspace) -> None:
        self.stalled = False
        self.url = ""  # of this stand-in
        self._workspace = workspace
        self._tickets: dict[str, File] = {}
        self._files: dict[str, File] = {}

    def ask(self, args: Args) -> Args:
        """Step one. Raises SlackError."""
        name, length, alt = args.get("filename"), str(args.get("length", "")), args.get("alt_txt")
        if not isinstance(name, str) or not name or not length.isdecimal() or int(length) < 1:
            raise SlackError("invalid_arguments")
        if int(length) > LARGEST:
            raise SlackError("file_upload_size_restricted")
        if alt is not None and (not isinstance(alt, str) or len(alt) > LONGEST_ALT):
            raise SlackError("invalid_arguments")
        file = File(f"F{secrets.token_hex(5).upper()}", name, int(length), alt or "")
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = self._files[file.id] = file
        return {"upload_url": f"{self.url}/upload/v1/{ticket}", "file_id": file.id}

    def take(self, ticket: str, body: bytes) -> int:
        """Step two; the HTTP status."""
        began = time.monotonic()
        while self.stalled and time.monotonic() - began < STALL:
            time.sleep(0.02)
        file = self._tickets.pop(ticket, None)
        if file is None:
            return 404
        if len(body) != file.length:
            return 400
        file.body = body
        return 200

    def complete(self, args: Args) -> Args:
        """Step three: it is there, in the conversation that was named. Raises SlackError."""
        try:
            given = args.get("files")
            listed = json.loads(given) if isinstance(given, str) else given
            ids = [(one["id"], str(one.get("title", ""))) for one in listed or ()]
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise SlackError("invalid_arguments") from error
        found = [(self._files.get(file_id), title) for file_id, title in ids]
        if not ids or any(file is None or file.body is None or file.shown for file, _ in found):
            raise SlackError("file_not_found")
        channel = args.get("channel_id")
        shown = [self._as_seen(file, title) for file, title in found if file is not None]
        if isinstance(channel, str) and channel:
            self._show(channel, str(args.get("initial_comment") or ""), shown)
        return {"files": [{"id": one["id"], "title": one["title"]} for one in shown]}

    def read(self, file_id: str) -> File | None:
        file = self._files.get(file_id)
        return file if file is not None and file.shown else None

    @staticmethod
    def _as_seen(file: File, title: str) -> dict[str, str]:
        file.shown = True
        return {
            "id": file.id,
            "name": file.name,
            "title": title or file.name,
            "alt": file.alt,
            "kind": file.kind,
            "url": f"/files/{file.id}",
        }

    def _show(self, channel: str, text: str, files: list[dict[str, str]]) -> None:
        """Only conversations, by their own ids, and only those that the bot is in."""
        to = self._workspace.seen_in(channel)
        if to == "channel":
            self._workspace.check_writable()
            if BOT_USER not in self._workspace.members:
                raise SlackError("not_in_channel")
        self._workspace.show(Message(channel, to, text, [], more={"files": files}))
