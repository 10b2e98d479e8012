"""A site's own name and icon on what is posted, where a workspace allows it.

It takes `chat:write.customize`, which is optional: where it wasn't granted, Slack refuses the
message, and we speak under the app's name (Slack docs: chat.postMessage, authorship).
"""

from __future__ import annotations

import time

from chalicelib.core.model import Site

LONGEST = 80  # characters of a name
REMEMBERED = 3_600.0  # real seconds: by then it may have been granted


class Brand:
    """What is known of each workspace. `site.icon` is what switches it on."""

    def __init__(self) -> None:
        self._plain: dict[str, float] = {}  # workspaces that don't allow it, until when

    def of(self, team: str, site: Site) -> dict[str, str]:
        """What goes along with a new message."""
        if not site.icon or self._plain.get(team, 0.0) > time.monotonic():
            return {}
        kind = "icon_emoji" if site.icon.startswith(":") else "icon_url"
        return {"username": site.name[:LONGEST], kind: site.icon}

    def refused(self, team: str) -> None:
        self._plain[team] = time.monotonic() + REMEMBERED
