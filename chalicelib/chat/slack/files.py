"""Slack's upload in three steps: an address, the bytes, and the word that it is all there.

Slack works on a file for a while after the third; nothing waits for that, as what has to be
read has been said before (Slack docs: working with files).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient

from chalicelib.chat.rest import send_bytes
from chalicelib.edges import MessengerUnavailable
from chalicelib.values import dataclass

KIND = "application/octet-stream"
SECONDS = 3.0  # for the bytes: a report has some tens of thousands
LONGEST_ALT = 1_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """`alt` is what the picture says, for who can't see it."""

    name: str
    body: bytes
    title: str
    alt: str = ""


def upload(client: WebClient, token: str, channel: str, file: Attachment) -> str:
    """Show a file in a conversation. Raises what slack_sdk raises, and MessengerUnavailable."""
    more: dict[str, Any] = {"alt_txt": file.alt[:LONGEST_ALT]} if file.alt else {}
    asked = client.files_getUploadURLExternal(
        filename=file.name, length=len(file.body), token=token, **more
    )
    address = asked.get("upload_url")
    if not is_usable(address, client.base_url):
        raise MessengerUnavailable("the upload's address is strange", everywhere=False)
    answered = send_bytes(str(address), file.body, KIND, seconds=SECONDS)
    if answered.status != 200:
        raise MessengerUnavailable(f"the upload: HTTP {answered.status}", everywhere=False)
    client.files_completeUploadExternal(
        files=[{"id": str(asked.get("file_id")), "title": file.title}],
        channel_id=channel,
        token=token,
    )
    return ""


def is_usable(address: object, base_url: str) -> bool:
    """Nothing leaves unencrypted, unless all of Slack is a stand-in that is spoken to so."""
    if not isinstance(address, str):
        return False
    return urlsplit(address).scheme in ("https", urlsplit(base_url).scheme)
