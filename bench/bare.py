"""What the whole command is measured against: a bolt app under Chalice that only acks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chalice.app import Chalice
from slack_bolt import Ack, App
from slack_bolt.adapter.aws_lambda.chalice_handler import ChaliceSlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from .knocks import SECRET


def bare_app() -> Any:
    """`POST /slack/events`, proven and routed by bolt, through bolt's own handler."""
    bolt = App(
        signing_secret=SECRET,
        process_before_response=True,
        token_verification_enabled=False,
        authorize=lambda enterprise_id, team_id: AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token="unused"
        ),
    )

    @bolt.command("/ev")
    def command(ack: Ack) -> None:
        ack()

    chalice: Any = Chalice(app_name="bare")
    handler: Any = ChaliceSlackRequestHandler(bolt, chalice, lambda_client=SimpleNamespace())
    lambda_context = SimpleNamespace(function_name="bare")

    def events() -> Any:
        chalice.lambda_context = lambda_context  # bolt's handler wants to know its Lambda's name
        return handler.handle(chalice.current_request)

    kinds = ["application/x-www-form-urlencoded"]
    chalice.route("/slack/events", methods=["POST"], content_types=kinds)(events)
    return chalice
