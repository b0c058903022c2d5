"""manage.py demo_data: a whole invented district, taken in by the same actions as real files (DATA.md §3)."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count

from apps.accounts.models import Post, User
from apps.accounts.roles import BY_CODE
from apps.cases.models import Case
from apps.core import clock
from apps.core.errors import Refused
from apps.core.management.telling import TellingCommand
from apps.dashboards.management.demo.anomalies import answers
from apps.dashboards.management.demo.cases.playing import bring_in as play_cases
from apps.dashboards.management.demo.cast import PASSWORD, Part, parts
from apps.dashboards.management.demo.district import District, generate
from apps.dashboards.management.demo.duties import name_people
from apps.dashboards.management.demo.names import Namer
from apps.dashboards.management.demo.roll_calls import bring_in
from apps.dashboards.management.demo.tour import TOUR_TOWNSHIP
from apps.dashboards.management.demo.workbooks import write_district, write_register
from apps.reconciliation.models import Run
from apps.registers.actions import load_register, load_schools
from apps.registers.actions.load import system_actor
from apps.schools.actions import around, ensure_term, load_regions, seed_calendar
from apps.schools.models import Catchment, School, SchoolClass, Term
from apps.schools.queries import townships
from apps.schools.rules import term_of
from apps.students.models import Child

OTHER_TOWNSHIP = "530113001"  # 铜都街道: the largest
LABELS = {"enrollment": "国网学籍", "household": "户籍", "attending": "实际在校", "monitored": "脱贫户与三类监测", "survey": "铁脚板摸排"}


class Command(TellingCommand):
    """演示县区."""

    help = "建立一个虚构的演示县区（地名真实，人名、证件号、电话均为虚构）：学校、校历、岗位、五份名册"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--pupils", type=int, default=28_000, help="有学籍的学生数，不少于 500")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, default=None, help="演示文件的文件夹（缺省 var/demo）")
        parser.add_argument("--compare", action="store_true", help="随后做一次四查三比对")
        parser.add_argument("--again", action="store_true", help="已有数据时仍然装入")

    def handle(self, *args: Any, pupils: int, seed: int, again: bool, **options: Any) -> None:
        self.began, self.district = time.monotonic(), settings.DISTRICT_CODE
        self.out: Path = options["out"] or settings.VAR_DIR / "demo"
        if not again and School.objects.filter(district_code=self.district).exists():
            raise Refused("本区已有数据，未作任何改动。要重新开始请用 make demo-reset；确要装入请加 --again。", code="not_empty")
        try:
            result = self.build(pupils, seed)
            if options["compare"]:
                self.say("四查三比对……")
                call_command("compare", term=self.term.code, stdout=self.stderr, stderr=self.stderr)
                result |= compared(self.district)
        except ValueError as fault:
            raise Refused(str(fault), code="demo") from fault
        result["seconds"] = round(time.monotonic() - self.began, 1)
        self.tell(result, human, as_json=options["json"])

    def say(self, sentence: str) -> None:
        """One progress line on standard error."""
        self.stderr.write(f"[{time.monotonic() - self.began:5.1f} 秒] {sentence}")

    def build(self, pupils: int, seed: int) -> dict[str, Any]:
        """Places, times, registers, people; the counts."""
        name = term_of(clock.today())
        self.say(f"虚构 {pupils} 名学生的县区……")
        district = generate(pupils, seed, school_year=name.year)
        self.say(f"写出名册文件到 {self.out}……")
        self.out.mkdir(parents=True, exist_ok=True)
        meta = write_district(district, self.out)
        tour = str(meta["tour_school"])
        self.say("地名、学校、片区、学期、校历……")
        self.places(district)
        self.term = self.times(name.code)
        loaded = {kind: self.load(kind, path) for kind, path in combined(district, self.out, tour).items()}
        self.say("人员与岗位……")
        with transaction.atomic():
            logins = self.people(tour, {child.family.village.code for child in district.children if answers(child)["out"]})
        named = name_people(district=self.district, term=self.term, tour_township=TOUR_TOWNSHIP, seed=seed, now=clock.now())
        self.say("考勤……")
        attendance = bring_in(district, self.term, self.out, tour=tour, today=clock.today(), now=clock.now())
        self.say("一生一案……")
        cases = play_cases(district, self.term, self.out, tour=tour, today=clock.today())
        (settings.VAR_DIR / "demo_logins.json").write_text(json.dumps(logins, ensure_ascii=False, indent=1), encoding="utf-8")
        return {
            "district": self.district, "term": self.term.code, "seed": seed, "pupils": pupils, "children": Child.objects.count(),
            "schools": School.objects.filter(district_code=self.district).count(), "classes": SchoolClass.objects.count(), "registers": loaded,
            "attendance": attendance, "duties": named, "histories": cases,
            "logins": len(logins), "logins_file": str(settings.VAR_DIR / "demo_logins.json"),
            "tour_school": tour, "tour_school_name": meta["tour_school_name"], "tour_file": str(self.out / f"attending/{tour}.xlsx"),
            "files": meta["files"], "out": str(self.out), "truth": str(self.out / "truth.json"),
        }  # fmt: skip

    def places(self, district: District) -> None:
        """The region tree with its villages, the schools, and which villages each school takes in."""
        load_regions(path=settings.ROOT / "fixtures" / "regions.json")
        load_regions(path=self.out / "regions.json")
        load_schools(path=self.out / "schools.xlsx", by=system_actor(self.district), district=self.district)
        rows = [
            Catchment(school_id=school.code, region_id=village, stage=stage)
            for school in district.places.schools
            for stage in school.stages
            for village in school.catchment
        ]
        wanted = {(row.region_id, row.stage): row for row in rows}  # one school a village and stage
        Catchment.objects.bulk_create(wanted.values(), ignore_conflicts=True)

    def times(self, code: str) -> Term:
        """The current term, confirmed, and the calendar; a year still without a national arrangement stays to be confirmed."""
        for year in around(day=clock.today()):
            seed_calendar(district=self.district, year=year)
        term = ensure_term(district=self.district, code=code)
        term.is_confirmed = True
        term.save(update_fields=["is_confirmed"])
        return term

    def load(self, kind: str, path: Path) -> dict[str, int]:
        """One register through the same action as ``load_register``; its counts without the problems."""
        self.say(f"装入{LABELS[kind]}……")
        result = load_register(kind=kind, path=path, term=self.term, by=system_actor(self.district), now=clock.now())
        return {name: result[name] for name in ("upload", "rows", "accepted", "cleaned", "rejected", "inserted")}

    def people(self, tour: str, out_of: set[str]) -> list[dict[str, str]]:
        """Users and posts; the log-ins as shown in the table. ``out_of``: villages with a child out of school, one of which has the log-in."""
        validate_password(PASSWORD)
        self.secret = make_password(PASSWORD)  # once: Argon2 is slow on purpose, and the password is no secret here
        here = School.objects.filter(district_code=self.district, is_open=True)
        other = here.filter(township_id=OTHER_TOWNSHIP, kind__in=["junior", "nine_year"]).order_by("code").first() or here.exclude(pk=tour).first()
        at_home = Child.objects.filter(township_code=TOUR_TOWNSHIP).exclude(village_code="")
        village = at_home.values("village_code").annotate(n=Count("pk")).order_by("-n", "village_code")
        with_work = [row for row in village if row["village_code"] in out_of] or village
        towns = [OTHER_TOWNSHIP, *(town.pk for town in townships(self.district) if town.pk not in (OTHER_TOWNSHIP, TOUR_TOWNSHIP))]
        cast = parts(
            tour_school=tour, tour_township=TOUR_TOWNSHIP, other_school=other.pk, other_townships=towns, village=with_work[0]["village_code"]
        )
        posts = [(part, self.post(part)) for part in cast]
        held: dict[str, list[tuple[str, str]]] = {}
        for part, post in posts:
            held.setdefault(part.username, []).append((BY_CODE[part.role].label, post.place))
        listed = [{"role": roles(some), "place": standing(some), "username": name, "password": PASSWORD} for name, some in held.items()]
        others = self.other_teachers(tour)
        if others:
            first, last = others[0].user.username, others[-1].user.username
            place = f"{others[0].school}其余 {len(others)} 个班"
            listed.append({"role": BY_CODE["head_teacher"].label, "place": place, "username": f"{first} … {last}", "password": PASSWORD})
        return listed

    def other_teachers(self, tour: str) -> list[Post]:
        """A head teacher with a log-in for every class of the tour's school that has none yet; the table names them in one line."""
        rooms = SchoolClass.objects.filter(school_id=tour, school_year=self.term.school_year).exclude(post__role="head_teacher")
        namer = Namer(Random(f"teachers {tour}"))  # noqa: S311 invented people
        begun = date(self.term.school_year, 8, 1)
        made = []
        for number, room in enumerate(rooms.order_by("grade", "name", "pk"), 2):
            user = User.objects.create(
                username=f"teacher{number:02}", name=namer.full(namer.surname(), "MF"[number % 2]), district_code=self.district, password=self.secret
            )
            place = {"school_id": tour, "school_class": room}
            made.append(Post.objects.create(user=user, role="head_teacher", district_code=self.district, starts_on=begun, **place))
        return made

    def post(self, part: Part) -> Post:
        """One post, with its person where not there yet."""
        user = User.objects.filter(username=part.username).first()
        if user is None:
            user = User.objects.create(username=part.username, name=part.name, district_code=self.district, password=self.secret)
        at_school = BY_CODE[part.role].level in ("school", "class")
        rooms = SchoolClass.objects.filter(school_id=part.place, school_year=self.term.school_year).annotate(n=Count("children")).order_by("-n", "pk")
        places = {"school_id": part.place} if at_school else {"region_id": part.place} if part.place else {}
        if part.with_class:
            places["school_class_id"] = rooms[0].pk
        post, _ = Post.objects.get_or_create(
            user=user, role=part.role, district_code=self.district, **places, defaults={"starts_on": date(self.term.school_year, 8, 1)}
        )
        return Post.objects.select_related("school", "region", "school_class").get(pk=post.pk)


def combined(district: District, out: Path, tour: str) -> dict[str, Path]:
    """One file a register for the whole district (fast to take in); the tour's school hands in its class list itself."""
    files = {
        "household": (out / "household.csv", district.registers["household"]),
        "attending": (out / "attending.csv", [row for row in district.registers["attending"] if row.school != tour]),
        "survey": (out / "survey.csv", district.registers["survey"]),
    }
    for kind, (path, rows) in files.items():
        write_register(path, kind, rows)
    return {
        "enrollment": out / "enrollment.csv",
        "household": files["household"][0],
        "attending": files["attending"][0],
        "monitored": out / "monitored.xlsx",
        "survey": files["survey"][0],
    }


def compared(district: str) -> dict[str, Any]:
    """What the comparison found, in a few figures."""
    run = Run.objects.filter(district_code=district).first()
    if run is None:
        return {}
    cases = Case.objects.filter(district_code=district).count()
    return {"run": run.pk, "findings": run.counts["findings"], "doubtful": run.counts["doubtful"], "balanced": run.counts["balanced"], "cases": cases}


def roles(held: list[tuple[str, str]]) -> str:
    """The roles of one person, each once."""
    return "、".join(dict.fromkeys(role for role, _ in held))


def standing(held: list[tuple[str, str]]) -> str:
    """Where one person stands: the first place, and how many more of the same kind."""
    places = list(dict.fromkeys(place for role, place in held if role == held[0][0]))
    return places[0] if len(places) == 1 else f"{places[0]}等{len(places)}处"


def human(result: dict[str, Any]) -> str:
    """What is where, for people."""
    lines = [
        f"演示县区建好了：{result['children']} 名儿童，{result['schools']} 所学校，{result['classes']} 个班级，学期 {result['term']}，用时 {result['seconds']} 秒。",
        *(f"  {LABELS[kind]}：{n['rows']} 行，收下 {n['accepted'] + n['cleaned']}，未收 {n['rejected']}" for kind, n in result["registers"].items()),
    ]
    if told := result["attendance"]:
        lines.append(
            f"  考勤：{told['rows']} 行，收下 {told['accepted']}，未收 {told['rejected']}；埋下的连续未到校 {told['planted']} 段（truth_attendance.json）"
        )
    if told := result["histories"]:
        lines.append(f"  一生一案：{told['played']} 段经过，个案 {told['cases']} 件（truth_cases.json）")
    if "run" in result:
        lines.append(f"  四查三比对（编号 {result['run']}）：问题 {result['findings']}，疑似同一人 {result['doubtful']}，立案 {result['cases']}")
    lines += [
        f"名册文件：{result['out']}（{result['files']} 个文件，enrollment/ 各校学籍 .xls，attending/ 各校在校 .xlsx，truth.json 为标准答案）",
        f"登录名与密码：{result['logins_file']}",
        f"演示走查：{result['tour_school_name']}的在校名册还没有上传，文件在 {result['tour_file']}，用 registrar 登录后上传。",
    ]
    return "\n".join(lines)
