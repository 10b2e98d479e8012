"""Files, as Mattermost takes them: sent to a channel first, then named by a post there
("Mattermost docs: API v4, files"). One that no post names is nowhere to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from practice.common.wsgi import body_of

LARGEST = 1_000_000  # bytes; a server's own limit is a hundred times that
MOST = 10  # of a post


class FileRefused(Exception):
    """The error's id, and an HTTP status."""

    def __init__(self, error: str, status: int) -> None:
        super().__init__(error)
        self.status = status


@dataclass(frozen=True, slots=True)
class File:
    id: str
    channel: str
    name: str
    kind: str
    body: bytes


class Files:
    """`allowed`: the server's administrator lets files be attached."""

    def __init__(self) -> None:
        self.allowed = True
        self._files: dict[str, File] = {}

    def take(self, environ: WSGIEnvironment, channels: Sequence[str]) -> dict[str, object]:
        """`POST /files?channel_id=…&filename=…`, the body being the file. Raises FileRefused."""
        query = parse_qs(environ.get("QUERY_STRING", ""))
        channel, name = (query.get(key, [""])[-1] for key in ("channel_id", "filename"))
        body, kind = body_of(environ), environ.get("CONTENT_TYPE", "")
        if not self.allowed:
            raise FileRefused("api.file.attachments.disabled.app_error", 403)
        if channel not in channels:
            raise FileRefused("api.context.permissions.app_error", 403)
        if not name or not body or kind.startswith("multipart/"):
            raise FileRefused("api.file.upload_file.incorrect_number_of_files.app_error", 400)
        if len(body) > LARGEST:
            raise FileRefused("api.file.upload_file.too_large_detailed.app_error", 413)
        file = File(f"file{len(self._files)}".ljust(26, "0"), channel, name, kind, body)
        self._files[file.id] = file
        return {"file_infos": [{"id": file.id, "name": name, "size": len(body)}], "client_ids": []}

    def shown(self, ids: object, channel: str) -> list[dict[str, str]]:
        """What a post with these shows. Raises FileRefused."""
        if not isinstance(ids, list) or len(ids) > MOST:
            raise FileRefused("model.post.is_valid.file_ids.app_error", 400)
        found = [self._files.get(one) for one in ids if isinstance(one, str)]
        return [
            {"name": one.name, "title": one.name, "kind": one.kind, "url": f"/mattermost-files/{one.id}"}
            for one in found
            if one is not None and one.channel == channel
        ]  # fmt: skip

    def read(self, file_id: str) -> File | None:
        return self._files.get(file_id)
