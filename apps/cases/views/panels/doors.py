"""From what a way still lacks to the form that brings it about: where the page has that form for this post."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.cases.models import Case


def doors(case: Case, panels: dict[str, Any]) -> dict[str, str]:
    """Name of a form (workflow.Need.form) -> its address, of those that this post is given in the sections of the page."""
    back, duties, letters = panels["returning"], panels["duties"], panels["persuading"]["handover"] or {}
    found = {
        "visit": (panels["persuading"]["may_log"], reverse("visit_new", args=[case.pk])), "people": (duties.get("to_name"), "#people"),
        "assign": (duties.get("assign"), "#assign"), "register": (back.get("registered"), "#register"),
        "place": (back.get("may_place"), reverse("case_place", args=[case.pk])),
        "handover": (letters.get("form"), "#send"),
    }  # fmt: skip
    return {name: url for name, (is_here, url) in found.items() if is_here}


def led(case: Case, panels: dict[str, Any]) -> dict[str, Any]:
    """The sections of the page, each thing that a way lacks with the address of its form."""
    known = doors(case, panels)
    for need in (need for way in panels["life"]["ways"] for need in way["needs"]):
        need["url"] = known.get(need["form"], "")
    return panels
