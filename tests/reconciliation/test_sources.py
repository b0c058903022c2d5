"""所用名册: the uploads of a run, on its board and on the sheet of signatures, by what a post may know."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.actions import record
from apps.core.templatetags.zaixue import cn_moment
from apps.reconciliation.models import Run
from apps.reconciliation.queries.sources import sources
from apps.registers.models import Upload
from tests.cast import Cast
from tests.factories.registers import upload
from tests.reconciliation.scenes import finished

pytestmark = pytest.mark.django_db


def used(cast: Cast, *schools: Any) -> Run:
    """A finished run over a roll of the district, a household register and the class lists of some schools."""
    run = finished(cast)
    town = cast.home.townships[0].pk
    roll = upload("enrollment", file_name="学籍2026秋.xlsx")
    made = [roll, upload("household", township_code=town, file_name="户籍.xlsx")]
    made += [upload("attending", school=school, township_code=school.township_id, file_name=f"{school.name}在校.xlsx") for school in schools]
    upload("survey", file_name="以后的摸排.xlsx")
    record("commit_upload", "提交国网学籍", by=cast.actor("bureau"), object_kind="upload", object_id=roll.pk)
    run.uploads = [one.pk for one in made]
    run.save(update_fields=["uploads"])
    return run


def test_the_bureau_reads_every_upload_with_its_committer(cast: Cast) -> None:
    school = cast.home.schools[0]
    run = used(cast, school)
    for page in (f"/runs/{run.pk}/", f"/runs/{run.pk}/signed/"):
        text = cast.client("bureau").get(page).content.decode()
        assert all(word in text for word in ("所用名册", "学籍2026秋.xlsx", "户籍.xlsx", f"{school.name}在校.xlsx", cast.home.townships[0].name))
        assert cast.actor("bureau").name in text and cn_moment(Upload.objects.get(pk=run.uploads[0]).committed_at) in text
        assert "以后的摸排" not in text and "只列份数" not in text
    kinds = [source.kind for source in sources(run, cast.actor("bureau").scope).own]
    assert kinds == ["国网学籍", "户籍", "实际在校"]


def test_a_school_reads_its_own_and_only_counts_the_others(cast: Cast) -> None:
    own, other = cast.home.schools[0], cast.home.schools[2]
    run = used(cast, own, other)
    for page in (f"/runs/{run.pk}/", f"/runs/{run.pk}/signed/"):
        text = cast.client("registrar").get(page).content.decode()
        assert f"{own.name}在校.xlsx" in text and f"{other.name}在校.xlsx" not in text and "学籍2026秋" not in text
        assert "只列份数：国网学籍 1 份、户籍 1 份、实际在校 1 份" in text
        assert "/registers/" not in text[text.index('id="sources"') : text.index("</details>", text.index('id="sources"'))]


def test_the_questions_do_not_grow_with_the_uploads(cast: Cast) -> None:
    asked = []
    for schools in (cast.home.schools[:1], cast.home.schools):
        run = used(cast, *schools)
        with CaptureQueriesContext(connection) as queries:
            sources(run, cast.actor("bureau").scope)
        asked.append(len(queries))
    assert asked == [4, 4]
