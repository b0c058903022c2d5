"""Letters as files."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from apps.cases.letters import official
from apps.core import papers, papers_docx
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.reporting.models import Line


@page(Right.VIEW_REPORTS)
def letter_pdf(request: Any, line_id: int) -> HttpResponse:
    """An issued letter to print."""
    line = issued(request, line_id)
    return download(papers.pdf(official.paper(line.letter)), name=f"{line.number}.pdf", content_type=papers.PDF_TYPE)


@page(Right.VIEW_REPORTS)
def letter_docx(request: Any, line_id: int) -> HttpResponse:
    """An issued letter for offices that keep it as .docx."""
    line = issued(request, line_id)
    return download(papers_docx.docx_bytes(official.paper(line.letter)), name=f"{line.number}.docx", content_type=papers.DOCX_TYPE)


def issued(request: Any, line_id: int) -> Line:
    """A letter within the scope; 404 for a stranger, and before it is issued."""
    line: Line = get_object_or_404(Line.objects.within(request.actor.scope), pk=line_id)
    if not line.letter:
        raise Http404
    return line
