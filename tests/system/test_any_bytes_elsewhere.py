"""Any bytes at HipChat's and Mattermost's doors, and where Slack's app is installed: a clear refusal, and nothing is done."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings, strategies as st

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.settings import Settings
from tests.fakes import World, world

TOKEN = "a-made-up-command-token"
PATHS = [
    "/mattermost/command", "/mattermost/action", "/hipchat/installed", "/hipchat/webhook",
    "/hipchat/glance", "/hipchat/installed/x", "/hipchat/installed/../x", "/hipchat/\ufffd",
    "/hipchat/descriptor", "/hipchat/icon.svg", "/slack/install", "/slack/oauth_redirect",
]  # fmt: skip
NAMES = [
    "token", "user_id", "channel_id", "text", "context", "action", "value", "own", "seal",
    "oauthId", "oauthSecret", "capabilitiesUrl", "roomId", "event", "item", "message", "room",
    "from", "id", "mentions",
]  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["a" * 26, TOKEN, "room_message"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=10,
)  # fmt: skip
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=8)
bodies = (
    st.binary(max_size=200)
    | objects.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)).map(lambda form: urlencode({"token": TOKEN, **form}, errors="replace").encode())
)  # fmt: skip
proofs = st.sampled_from([f"Token {TOKEN}", "JWT a.b.c", "JWT e30.e30.", "Token", "JWT", ""]) | st.text(
    st.characters(max_codepoint=255), max_size=20
)  # fmt: skip
queries = st.sampled_from(["", "signed_request=", "signed_request", "signed_request=e30.e30.e30", "&&=&", "code=a&code=b&state=%ff&state=", "error=%0d%0aX:y", f"code=%00&state={'f' * 32}", "code[]=\xff"])  # fmt: skip
kinds = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain"])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("records")
    found = world()
    everything = Settings(
        store=f"sqlite:{folder / 'records.sqlite'}",
        public_url="https://ev.example",
        mattermost_url="https://mm.example",
        mattermost_command_token=TOKEN,
        hipchat_allowed_hosts=("127.0.0.1:1",),
        slack_client_id="1.2",
        slack_client_secret="a-made-up-client-secret",
        slack_api_url="http://127.0.0.1:1/api/",
    )
    wiring.use(wiring.open_endpoints(everything, found.concierge))
    yield found
    wiring.use(None)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(PATHS), st.sampled_from(["GET", "POST", "DELETE"]), bodies, proofs, queries, kinds
)  # fmt: skip
def test_any_bytes(
    hall: World, path: str, method: str, body: bytes, proof: str, query: str, kind: str
) -> None:
    """Never 500, never a change; 503 only where another server would have to be asked."""
    before = hall.site()
    statuses: list[int] = []

    def start(status: str, _: list[tuple[str, str]]) -> None:
        statuses.append(int(status.split(maxsplit=1)[0]))

    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "HTTP_AUTHORIZATION": proof,
        "HTTP_COOKIE": f"slack-app-oauth-state={'f' * 32}; {proof}",
        "wsgi.input": io.BytesIO(body),
    }
    b"".join(wsgi(app)(environ, start))
    assert statuses[0] in (200, 204, 302, 400, 401, 403, 404, 405, 415), (statuses, path)
    assert hall.site() == before
