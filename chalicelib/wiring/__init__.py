"""The composition root: the only place that knows which parts there are.

Slack's parts are imported with this package. Those of the other platforms stand in modules
of their own, imported where a platform is set up: nobody waits for what they don't use.
"""

from __future__ import annotations

import os

from . import slack as slack
from .answering import board_links_of as board_links_of
from .environment import (
    begin_log as begin_log,
    revealed as revealed,
    see_inside as see_inside,
    settings_of as settings_of,
)
from .keeping import (
    clock_of as clock_of,
    meters_of as meters_of,
    records_of as records_of,
    series_of as series_of,
    stays_of as stays_of,
    store_of as store_of,
    watch_of as watch_of,
)
from .process import (
    NOT_NOW as NOT_NOW,
    endpoints as endpoints,
    is_healthy as is_healthy,
    use as use,
    warm_up as warm_up,
    webhook as webhook,
)
from .whole import (
    build as build,
    forget_tenant as forget_tenant,
    mail_watch_of as mail_watch_of,
    messengers_of as messengers_of,
    open_endpoints as open_endpoints,
)

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # Lambda says it, packaging doesn't
    warm_up()
