"""The script that keeps the page of a roll call when the network is gone (docs/decisions/0014)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpResponse

from apps.core.pages import public_page


@public_page()
def service_worker(request: Any) -> HttpResponse:
    """static/sw.js at the root, since a worker only serves what lies below its own address."""
    script = Path(str(finders.find("sw.js"))).read_bytes()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
