"""缓学、休学、不具备学习条件: whoever may not apply is told on the page of the case who does."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.factories import cases_back as make

pytestmark = pytest.mark.django_db
SENTENCE = "由校长或乡镇（街道）凭证明申请，区教体局审批"


@pytest.mark.parametrize(
    ("role", "applies"),
    [("registrar", False), ("head_teacher", False), ("central_school", False), ("bureau", False), ("principal", True), ("township", True)],
)
def test_the_page_of_a_case_says_who_applies(cast: Cast, role: str, applies: bool) -> None:
    """DOMAIN.md §4: township and bureau; the registrar's work is the registers."""
    case = make.case(cast.child)
    shown = cast.client(role).get(reverse("case_show", args=[case.pk])).content.decode()
    assert (reverse("case_exempt", args=[case.pk]) in shown, SENTENCE in shown) == (applies, not applies)
