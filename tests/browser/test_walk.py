"""The walk of the issue's "Show at the end", on the running product, and every page on a narrow screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

Enter = Callable[..., Page]
HEADING_ROW = 3  # of the guided walk's class list: title, groups, headings
LONG = 60_000  # milliseconds for work in the background
PDF = {"name": "缓学证明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 invented proof"}
ROLES = ("bureau", "registrar", "principal", "teacher", "subject", "central", "township", "village", "liaison", "inspector", "admin")
TOO_WIDE = "[...document.querySelectorAll('main *, body > *')].filter(e => e.getBoundingClientRect().right > 361).slice(0, 5).map(e => e.tagName + '.' + e.className)"
FILES = re.compile(
    r"\.(xlsx|pdf|docx)$|/template/|/proofs/|/attachments/|/scan/|\.zip$|/export/|\.csv$|/admin/.*/(history|delete)/"
)  # and the admin's own two of every row


@pytest.fixture(scope="module")
def tour(site: Site) -> dict[str, Any]:
    """The school of the walk and what was spoilt in its class list."""
    told: dict[str, Any] = json.loads((site.var / "demo" / "truth.json").read_text(encoding="utf-8"))
    return told.get("meta", told)


def hand_in(page: Page, kind: str, label: str, file: Path) -> None:
    """Choose a file on the page of the registers, and wait until it is read (the page follows by itself)."""
    page.goto("/registers/")
    page.set_input_files(f"#id_{kind}_file", file)
    page.click(f"button:has-text('上传{label}')")
    page.wait_for_url(re.compile(r"/registers/\d+/"))
    expect(page.locator("nav[aria-label=核对内容]")).to_be_visible(timeout=LONG)


def tab(page: Page, label: str) -> int:
    """The number on a tab of the preview."""
    text = page.locator(f"nav[aria-label=核对内容] a:has-text('{label}') b").inner_text()
    return int(text.replace(",", ""))


def commit(page: Page) -> None:
    if (twice := page.locator("[name=confirm_shrink]")).count():
        twice.check()
    page.click("button:has-text('提交名册')")
    expect(page.locator("body")).to_contain_text("已提交：")


def mended(source: Path, target: Path, mends: list[dict[str, Any]]) -> set[int]:
    """Mend a problem workbook; returns the rows whose reasons column says why they were refused."""
    book = load_workbook(source)
    sheet = book["花名册"]
    titles = {cell.value: cell.column for cell in sheet[HEADING_ROW] if cell.value}
    reasons = titles["问题说明"]
    said = {row for row in range(HEADING_ROW + 1, sheet.max_row + 1) if sheet.cell(row, reasons).value}
    for mend in mends:
        columns = {"id_number": ("身份证号", "身份证件号", "身份证号码"), "class_name": ("班级", "班级名称", "班")}[mend["field"]]
        cell = sheet.cell(HEADING_ROW + mend["row"], next(titles[name] for name in columns if name in titles))
        cell.value, cell.number_format = mend["right"], "@"
    book.save(target)
    return said


def test_the_main_job_end_to_end(enter: Enter, site: Site, tour: dict[str, Any], tmp_path: Path) -> None:
    school, files = tour["tour_school"], site.var / "demo"
    registrar = enter("registrar")
    hand_in(registrar, "enrollment", "国网学籍", files / f"enrollment/{school}.xls")
    commit(registrar)
    hand_in(registrar, "attending", "实际在校", files / f"attending/{school}.xlsx")
    spoilt = {HEADING_ROW + mend["row"] for mend in tour["tour_mends"] if mend["field"] == "id_number"}
    lost = [mend for mend in tour["tour_mends"] if mend["kind"] == "saved_as_number"]  # a wrong check digit is kept with a remark
    assert tab(registrar, "问题") > len(lost)
    registrar.click("nav[aria-label=核对内容] a:has-text('问题')")
    assert int(registrar.inner_text("nav[aria-label=问题种类] a:has-text('未收下的行') b")) == len(lost)
    with registrar.expect_download() as download:
        registrar.locator("a:has-text('下载问题表')").first.click()
    download.value.save_as(tmp_path / "problems.xlsx")
    said = mended(tmp_path / "problems.xlsx", tmp_path / "mended.xlsx", tour["tour_mends"])
    assert spoilt <= said
    hand_in(registrar, "attending", "实际在校", tmp_path / "mended.xlsx")
    assert tab(registrar, "新增") > 0 and not registrar.locator(".kpi:has-text('未收下')").count()
    commit(registrar)

    bureau = enter("bureau")
    run = compare(bureau)
    drill(bureau, run)
    settle(enter)
    for who in ("principal", "township"):
        sign(enter(who), run)
    sign_everywhere(enter("township2"), run)
    sign(bureau, run)
    bureau.goto(f"/runs/{run}/")
    expect(bureau.locator("h1, .page-head").first).to_contain_text(re.compile(r"第\d+次比对"))
    expect(bureau.locator("body")).to_contain_text("冻结")


def compare(page: Page) -> int:
    """Start a run and watch it, without touching the page, until its board stands there."""
    page.goto("/runs/")
    page.click("button:has-text('开始比对')")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    expect(page.locator("#run-progress, table").first).to_be_visible()
    expect(page.locator("table a").first).to_be_visible(timeout=LONG)
    expect(page.locator("body")).to_contain_text("无法解释的 0 人")
    return int(page.url.strip("/").split("/")[-1])


def drill(page: Page, run: int) -> None:
    """Township → school → one child."""
    page.locator("a[href*='township=530113201']:not([href*='figure'])").first.click()
    page.wait_for_url(re.compile("township=530113201"))
    page.locator(f"a[href*='/runs/{run}/children/'][href*='school=']").first.click()
    page.wait_for_url(re.compile("/children/"))
    page.locator("main a[href^='/children/']").first.click()
    page.wait_for_url(re.compile(r"/children/\d+/"))
    expect(page.locator("body")).to_contain_text(re.compile(r"\d{6}\*{8}[\dX]{4}"))


def settle(enter: Enter) -> None:
    """Settle a finding of comparison ① as 缓学: refused without proof, taken with it."""
    page = with_findings(enter)
    page.locator("main table a.row").first.click()
    page.wait_for_url(re.compile(r"/findings/\d+/"))
    page.select_option("[name=outcome]", "deferral")
    page.fill("[name=explanation]", "县医院证明，缓学一年")
    page.click("button:has-text('确认处理')")
    expect(page.locator("body")).to_contain_text("须上传佐证材料")
    page.select_option("[name=outcome]", "deferral")
    page.fill("[name=explanation]", "县医院证明，缓学一年")
    page.set_input_files("[name=proofs]", PDF)
    page.click("button:has-text('确认处理')")
    expect(page.locator("body")).to_contain_text("已处理")
    expect(page.locator("body")).to_contain_text("缓学证明.pdf")


def with_findings(enter: Enter) -> Page:
    """A central school before a list of its own findings of ① (a small township may have none)."""
    for who in ("central", "central2"):
        page = enter(who)
        for klass in ("1:never_enrolled", "1:to_verify", "1:no_residence", "1:outside_in_province"):
            page.goto(f"/findings/?state=open&mine=1&klass={klass}")
            if page.locator("main table a.row").count():
                return page
    pytest.fail("没有一所中心学校有待处理的问题")


def sign(page: Page, run: int) -> None:
    page.goto(f"/runs/{run}/sign/")
    if (reason := page.locator("[name=reason]")).count():
        reason.fill("余下问题已联系家长，下次比对复核")
    page.click("button:text-is('签认')")
    page.wait_for_url(re.compile(f"/runs/{run}/signed/"))


def sign_everywhere(page: Page, run: int) -> None:
    """One person stands for all other townships: act as each post in turn, and sign."""
    sign(page, run)
    posts = page.locator("button[name=post]").evaluate_all("all => all.map(button => button.value)")
    assert len(posts) == 7
    for post in posts:
        page.click("details.acting summary")
        page.click(f"button[name=post][value='{post}']")
        expect(page.locator("body")).to_contain_text("现在以“乡镇（街道） · ")
        sign(page, run)


def shape(address: str) -> str:
    """An address without its numbers: pages of one shape are one page."""
    return re.sub(r"\d+", "N", address.split("?")[0].split("#")[0])


def test_every_page_fits_a_phone_and_is_accessible(enter: Enter, site: Site) -> None:
    wide, faults, seen = [], [], set[str]()
    for role in ROLES:
        page = enter(role, width=360, height=740)
        waiting, mine = ["/"], set[str]()
        while waiting:
            address = waiting.pop(0)
            if shape(address) in mine or (shape(address) in seen and address != "/"):
                continue
            mine.add(shape(address))
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, (role, address, answer and answer.status)
            if (width := page.evaluate("document.documentElement.scrollWidth")) > 360:
                wide.append(f"{role} {address}: {width} {page.evaluate(TOO_WIDE)}")
            if address.startswith("/admin/") and address != "/admin/":
                continue
            if shape(address) not in seen:
                found = Axe().run(page).response["violations"]
                faults += [f"{role} {address}: {one['id']} {one['nodes'][0]['target']}" for one in found if one["impact"] in ("serious", "critical")]
            links = page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.getAttribute('href'))")
            waiting += [link for link in links if not FILES.search(link.split("?")[0]) and (role == "admin" or not link.startswith("/admin/"))]
        seen |= mine
    assert not wide, "\n".join(wide)
    assert not faults, "\n".join(faults)
