"""The settings: every problem at once, and no secret shown."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from chalicelib import wiring
from chalicelib.settings import KNOWN, BadSettings, Settings, read
from chalicelib.wiring import hipchat


def problems(environ: dict[str, str], *needed: str) -> list[str]:
    """What is wrong, a line each."""
    with pytest.raises(BadSettings) as raised:
        read(environ, needed)
    assert str(raised.value).splitlines()[1:] == raised.value.problems
    return raised.value.problems


def test_nothing_is_needed() -> None:
    """An empty environment is a sensible one."""
    assert read({}) == Settings()


def test_all_problems_at_once() -> None:
    """What is missing and what is malformed comes in one message, each by its name."""
    environ = {
        "EV_STORE": "redis:here",
        "EV_HTTP": "8080",
        "SLACK_SIGNING_SECRET": "  ",
        "SLACK_API_URL": "slack.com",
        "CHARGEPOINT_API_KEY": "key",
        "CHARGEPOINT_POLL_SECONDS": "often",
    }
    found = problems(environ, "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN")
    assert [line.split()[0].rstrip(":") for line in found] == [
        "SLACK_SIGNING_SECRET",
        "SLACK_BOT_TOKEN",
        "CHARGEPOINT_API_PASSWORD",
        "EV_STORE",
        "EV_HTTP",
        "SLACK_API_URL",
        "CHARGEPOINT_POLL_SECONDS",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("EV_STORE", "sqlite:"),
        ("EV_STORE", "/tmp/x"),
        ("EV_HTTP", ":80"),
        ("EV_HTTP", "host:"),
        ("EV_HTTP", "host:65536"),
        ("EV_HTTP", "host:-1"),
        ("EV_HTTP", "host:²"),
        ("EV_HTTP", "host:٣"),
        ("EV_DELIVER", "pigeon"),
        ("EV_CLOCK", "fast"),
        ("EV_CLOCK", "a@b@c"),
        ("EV_CLOCK", "-1@0@0"),
        ("EV_CLOCK", "nan@0@0"),
        ("SLACK_API_URL", "ftp://slack.com"),
        ("SLACK_API_URL", "http://"),
        ("SLACK_API_URL", "http://["),
        ("CHARGEPOINT_URL", "nope"),
        ("CHARGEPOINT_URL", "https://cp.example:99999"),
        ("CHARGEPOINT_URL", "https://é.example"),
        ("PUBLIC_URL", "https://ev.example:0"),
        ("MATTERMOST_URL", "https://chat.example/a b"),
        ("MATTERMOST_BOT_TOKEN", "tökén"),
        ("MATTERMOST_COMMAND_TOKEN", "a b"),
        ("SLACK_BOT_TOKEN", "xoxb-\u2026"),
        ("SLACK_APP_TOKEN", "xapp-é"),
        ("SLACK_BOT_TOKEN", "xapp-1-A0EV"),
        ("SLACK_BOT_TOKEN", "xoxp-1-2-3"),
        ("HIPCHAT_ALLOWED_HOSTS", "é.example"),
        ("HIPCHAT_ALLOWED_HOSTS", "chat.example:99999"),
        ("HIPCHAT_ALLOWED_HOSTS", "chat.example=10.0.0.1/8"),
        ("CHARGEPOINT_API_VERSION", "6.0"),
        ("CHARGEPOINT_POLL_SECONDS", "nan"),
        ("CHARGEPOINT_POLL_SECONDS", "4.9"),
        ("CHARGEPOINT_POLL_SECONDS", "1e9"),
    ],
)
def test_malformed(name: str, text: str) -> None:
    """Each setting has its own words, without the machinery's."""
    (line,) = problems({name: text})
    assert line.startswith(f"{name}: ")
    assert "literal" not in line
    assert "could not convert" not in line


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:0", ("::1", 0)), ("x:80", ("x", 80))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """HOST:PORT, with brackets around what has colons itself."""
    assert read({"EV_HTTP": text}).http == address


def test_blanks_around() -> None:
    """A blank after a value that was pasted does no harm."""
    assert read({"SLACK_BOT_TOKEN": " xoxb-1 \n"}).slack_bot_token == "xoxb-1"


def test_delivery_follows_the_store() -> None:
    """A DynamoDB table has a stream; a file needs a pump; both can be overruled."""
    assert read({}).deliver == "pump"
    assert read({"EV_STORE": "dynamodb:ev"}).deliver == "stream"
    assert read({"EV_STORE": "dynamodb:ev", "EV_DELIVER": "pump"}).deliver == "pump"


def test_no_secret_in_the_repr() -> None:
    """Settings can be printed and logged."""
    secrets = {
        name: f"{'xapp-' if name == 'SLACK_APP_TOKEN' else ''}hush-{name}"
        for name in KNOWN
        if any(word in name for word in ("SECRET", "TOKEN", "KEY", "PASSWORD"))
    }
    assert len(secrets) >= 4
    secrets |= {"TWILIO_ACCOUNT_SID": "AC" + 32 * "0", "TWILIO_FROM": "+16505550100"}
    given = {**secrets, "SLACK_CLIENT_ID": "1.2", "PUBLIC_URL": "https://ev.example.com"}
    assert "hush" not in repr(read(given))


@pytest.mark.parametrize(
    "entry",
    ["chat.example", "chat.example:8443", "chat.example=10.0.0.0/8", "10.1.2.3", "[::1]:1", "a_b"],
)
def test_what_is_accepted_can_be_used(entry: str) -> None:
    """Whatever the settings take, the parts can be made of."""
    hipchat.hosts_of(read({"HIPCHAT_ALLOWED_HOSTS": entry}))


@given(st.text(max_size=30))
def test_any_hosts(text: str) -> None:
    """Either the setting is refused in words, or it can be used."""
    try:
        settings = read({"HIPCHAT_ALLOWED_HOSTS": text})
    except BadSettings:
        return
    hipchat.hosts_of(settings)


def test_a_secret_is_not_repeated() -> None:
    """Nor is it in a complaint about another setting."""
    assert "hush" not in str(problems({"SLACK_BOT_TOKEN": "hush", "EV_HTTP": "x"}))


def test_a_clock_that_is_gone(tmp_path: object) -> None:
    """A clock's file that can't be read is a setting that needs attention."""
    with pytest.raises(BadSettings, match="EV_CLOCK"):
        wiring.build(read({"EV_CLOCK": f"file:{tmp_path}/none"}))


def test_building_opens_nothing(tmp_path: object) -> None:
    """Wiring with a store that isn't there is fine until it is used."""
    concierge = wiring.build(read({"EV_STORE": f"sqlite:{tmp_path}/none/ev.db"}))
    assert not wiring.open_endpoints(Settings(), concierge).is_healthy()
