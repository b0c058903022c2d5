"""A visit from a phone at the family's door: tapped, photographed, sent with one tap; and the first legal paper with its proof of service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.core.test_proofs import photograph

CASE = """
from datetime import timedelta
from django.utils import timezone
from apps.cases.models import Assignment, Case
from apps.students.models import Child
from apps.core import clock
from apps.accounts.models import Post
held = Post.objects.filter(user__username="township").first()
child = Child.objects.filter(township_code=held.region_id, school__isnull=False).exclude(cases__isnull=False).order_by("pk").first()
child.guardian_name = child.guardian_name or "杨父"
child.save()
where = {n: getattr(child, n) for n in ("district_code", "township_code", "village_code", "school", "school_class")}
day = clock.today() - timedelta(9)
case = Case.objects.create(child=child, state="persuading", origin="comparison", reason="测试", opened_on=day, state_since=day, **where)
told = {"given_at": clock.now(), "given_name": "李测", "given_title": "区教体局", "accepted_at": clock.now(), "accepted_name": "王测"}
Assignment.objects.create(case=case, level="township", region_code=child.township_code, accept_by=day, **told)
print(case.pk)
"""


def test_a_visit_and_the_first_paper_from_a_phone(site: Site, enter: Callable[..., Page], tmp_path: Path) -> None:
    case = site.shell(CASE).strip()
    photo = tmp_path / "门口.jpg"
    photo.write_bytes(photograph())
    page = enter("township", width=360, height=740)
    page.goto(f"/cases/{case}/")
    page.locator("#next a:has-text('登记走访')").click()
    page.get_by_label("外出务工", exact=True).check()
    page.fill("[name=spoke_with]", "祖母")
    page.fill("[name=text]", "随表哥外出务工，过年回来。")
    page.set_input_files("[name=photos]", str(photo))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("main form button[type=submit]").dblclick()
    expect(page.locator("main")).to_contain_text("请写明孩子现在何处")
    assert page.input_value("[name=text]") == "随表哥外出务工，过年回来。"
    page.fill("[name=whereabouts]", "昆明市官渡区某餐馆")
    page.set_input_files("[name=photos]", str(photo))
    page.locator("main form button[type=submit]").dblclick()
    expect(page.locator("#visits")).to_contain_text("昆明市官渡区某餐馆")
    expect(page.locator("#visits .timeline > li")).to_have_count(1)
    expect(page.locator("#visits")).to_contain_text("附件 1 个")
    page.locator("#next a:has-text('四步法')").click()
    page.locator("#issue button[type=submit]").click()
    expect(page.locator("#steps")).to_contain_text("还没有送达，请先登记送达回证")
    page.locator("#steps summary:has-text('登记送达')").click()
    form = page.locator("#steps form")
    form.get_by_label("直接送达").check()
    form.locator("[name$=-place]").fill("家中")
    form.locator("[name$=-files]").set_input_files(str(photo))
    form.locator("button[type=submit]").click()
    expect(page.locator("#steps")).to_contain_text("届满，次日起可以进行下一步")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
