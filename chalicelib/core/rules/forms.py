"""Forms: who may open one, and which it is as things stand. What is filled in comes back as
the same wishes that can be typed.
"""

from __future__ import annotations

from chalicelib.core import answers as say
from chalicelib.core.answers import FOR_ADMINS, FormName, Refusal, Refused
from chalicelib.core.draft import Draft
from chalicelib.core.inputs import OpenForm
from chalicelib.core.reply import Reply, refuse

from . import line


def open_form(d: Draft, driver: str, wish: OpenForm) -> Reply:
    """Nobody fills in what would be refused. Who asks for the one of the two forms of a need
    gets the other, where that is the one they mean.
    """
    form = wish.form
    if form in FOR_ADMINS and driver not in d.admins:
        return refuse(driver, Refusal.NOT_ADMIN)
    if form in (FormName.JOIN, FormName.NEED):
        has_place = d.entry(driver) is not None or d.charging_at(driver) is not None
        form = FormName.NEED if has_place else FormName.JOIN
    if form is FormName.JOIN:
        tried = line.add(Draft(d.before, d.now), driver)()
        if isinstance(tried, Refused):
            return lambda: tried
    return lambda: say.FormOf(driver, form)
