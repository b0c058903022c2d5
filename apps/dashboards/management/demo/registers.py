"""The five registers as rows by field name, written from the truth before any dirt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from apps.dashboards.management.demo.anomalies import BY_CODE, answers
from apps.dashboards.management.demo.people import Child
from apps.dashboards.management.demo.places import School

REGISTERS = ("enrollment", "household", "attending", "monitored", "survey")
GRADES = "一二三四五六七八九"
KIND_NAMES = {"unstable": "脱贫不稳定户", "marginal": "边缘易致贫户", "sudden_hardship": "突发严重困难户"}
OUTSIDE = {
    "outside_in_province": (
        "云南省昆明市官渡区福保小学", "昆明市呈贡区春融学校", "云南省曲靖市会泽县金钟小学", "昆明市盘龙区联盟中学", "云南省玉溪市红塔区第八小学",
    ),
    "outside_out_of_province": ("浙江省义乌市稠江小学", "广东省东莞市厚街中学", "四川省凉山州会理市城关小学", "江苏省昆山市石牌中学"),
}  # fmt: skip
PROVINCE_WORDS = {
    "outside_in_province": ("区外就读", "省内区外就读", "区外就读（省内）"),
    "outside_out_of_province": ("省外就读", "区外就读", "区外就读（省外）"),
}
REMARKS = {
    "on_leave": ("请假（病假）", "请假3天，家中有事", "请病假，有请假条", "事假，请假条已交"),
    "suspension": ("休学", "休学，已办手续", "因病休学"),
    "home_teaching": ("送教上门", "送教", "送教上门，每周2次"),
    "transferring": ("转学办理中", "转学手续办理中", "正在办理转学"),
    "suspected_dropout": ("开学后连续多日未到校", "无故未到校，电话联系不上", "开学至今未到校，家长称外出务工", "连续5天无故未到"),
    "listed_absent": ("辍学", "已辍学", "流失"),
    "attendance_to_verify": ("情况待核实", "待核实"),
    "transfer_in": ("转入", "本学期转入", "转入，学籍未接续"),
    "no_document": ("无证件", "无户口", ""),
    "problem_enrollment": ("问题学籍", "学籍有问题，未建", "问题学籍，待处理"),
    "guest_study": ("借读", "借读生", "在我校借读"),
}
RESIDENCE_STATES = {
    "removed_dead": "死亡注销",
    "dead_but_attending": "死亡注销",
    "removed_moved": "迁出",
    "removed_duplicate": "重户",
    "removed_not_found": "查无此人",
}
HARMLESS = ("班长", "走读", "住校", "花生过敏", "近视，坐前排", "已复学", "2025年秋转入，学籍已到", "建档立卡", "留守", "低保")
OUT_WORDS = ("失学", "辍学", "失学辍学", "非在校生")
RELATIONS = {"M": ("子", "长子", "次子", "孙子"), "F": ("女", "长女", "次女", "孙女")}


@dataclass(slots=True)
class Row:
    """One line of a register: whose it is, what is written, what is wrong with it, and the class it must get.

    ``expected`` is ① for household and survey rows, ② for enrollment rows, the reverse class ('' = has a record here) for
    attending rows, ③ for monitored rows. ``file`` and ``number`` (1-based data row) are set when the workbooks are written.
    """

    pid: str
    register: str
    school: str
    township: str
    values: dict[str, str]
    expected: str = ""
    dirt: tuple[str, ...] = field(default=())
    file: str = ""
    number: int = 0


def sex_word(child: Child) -> str:
    return "男" if child.sex == "M" else "女"


def address(child: Child, township: str) -> str:
    """As people write it: township, village, group."""
    return f"{township}{child.family.village.name}{child.family.group}组"


class Writer:
    """Writes the rows of one child; draws its wording from its own random stream."""

    def __init__(self, rng: Random, township_name: dict[str, str], school_year: int, *, student_numbers: bool) -> None:
        self.rng, self.township_name, self.year, self.student_numbers = rng, township_name, school_year, student_numbers

    def rows(self, child: Child) -> Iterator[Row]:
        """Every register row this child truly has."""
        registers = BY_CODE[child.situation].registers
        if "E" in registers:
            yield from self.enrollment(child)
        if "H" in registers and child.local:
            yield self.household(child)
        if "A" in registers and self._listed(child):
            yield self.attending(child)
        if child.local and child.family.kind != "general" and not child.situation.startswith(("removed", "dead")):
            yield self.monitored(child)
        if self._surveyed(child, registers):
            yield self.survey(child)

    def _listed(self, child: Child) -> bool:
        return not (child.situation in ("suspension", "home_teaching", "transferring") and child.variant == 1)

    def _surveyed(self, child: Child, registers: str) -> bool:
        if "S" in registers:
            return not (child.situation == "never_enrolled" and child.variant == 1)
        return child.situation == "plain" and child.local and self.rng.random() < 0.03

    def enrollment(self, child: Child) -> Iterator[Row]:
        """The national record; a duplicate has a second one at another school, which no class roll carries."""
        state = {"suspension": "02", "graduated": "07", "dropout": "06", "left_but_attending": "06"}.get(child.situation, "01")
        if child.situation == "transferring" and child.variant == 1:
            state = "10"
        code = answers(child)["c2"]
        yield Row(child.pid, "enrollment", child.school.code, child.school.township, self._record(child, child.school, state), code)
        if child.situation == "duplicate" and child.other_school:
            second = self._record(child, child.other_school, "01")
            second["student_number"] = "L" + child.student_number[1:]
            yield Row(child.pid, "enrollment", child.other_school.code, child.other_school.township, second, "elsewhere")

    def _record(self, child: Child, school: School, state: str) -> dict[str, str]:
        family = child.family
        first_year = self.year - (child.grade - 1 if child.grade <= 6 else child.grade - 7)
        return {
            "student_number": child.student_number, "name": child.name, "sex": sex_word(child), "birth_date": child.born.isoformat(),
            "id_number": child.number, "ethnicity": family.ethnicity,
            "residence_code": family.village.township if child.local else child.number[:6],
            "school_code": school.code, "school_name": school.name, "grade": str(child.grade), "class_name": str(child.class_no),
            "enrolled_on": f"{first_year}09", "attendance_mode": self._mode(child), "left_behind": child.left_behind,
            "migrant": "0" if child.local else "1", "disability": child.disability, "address": address(child, self._town(child)),
            "phone": family.phone, "guardian_name": family.guardian, "guardian_relation": family.guardian_relation, "state": state,
        }  # fmt: skip

    def _mode(self, child: Child) -> str:
        if child.situation == "home_teaching":
            return "送教上门"
        return "2" if child.boarding else "1"

    def _town(self, child: Child) -> str:
        return self.township_name[child.family.village.township]

    def household(self, child: Child) -> Row:
        """The police register: the newest number, the state of the entry."""
        family = child.family
        state = RESIDENCE_STATES.get(child.situation, "正常")
        values = {
            "household_number": family.number, "name": child.name, "former_name": child.former_name,
            "id_number": child.new_number or child.number, "sex": sex_word(child), "ethnicity": family.ethnicity,
            "birth_date": child.born.isoformat(), "relation_to_head": self.rng.choice(RELATIONS[child.sex]), "head_name": family.head,
            "address": address(child, self._town(child)), "township_code": family.village.township, "village": family.village.name,
            "group": str(family.group), "residence_state": state, "guardian_name": family.guardian,
            "phone": family.phone if self.rng.random() < 0.8 else family.other_phone,
        }  # fmt: skip
        return Row(child.pid, "household", "", family.village.township, values, answers(child)["c1"])

    def attending(self, child: Child) -> Row:
        """The class list, at the school where the child sits."""
        school = child.other_school if child.other_school and child.situation != "duplicate" else child.school
        family, arrived = child.family, f"{self.year}-09-0{self.rng.choice('1112')}"
        other = self.rng.random() < 0.15  # the other parent signed at the school gate
        values = {
            "school_code": school.code, "school_name": school.name, "grade": str(child.grade), "class_name": str(child.class_no),
            "name": child.name, "sex": sex_word(child), "id_number": "" if child.situation == "no_document" else child.number,
            "student_number": child.student_number if self.student_numbers and "E" in BY_CODE[child.situation].registers else "",
            "birth_date": child.born.isoformat(), "address": address(child, self._town(child)),
            "guardian_name": (family.mother if family.guardian == family.father else family.father) if other else family.guardian,
            "guardian_phone": family.other_phone if other else family.phone,
            "arrived_on": "" if child.situation in ("suspected_dropout", "home_teaching", "suspension") else arrived,
            "remark": self._remark(child),
        }  # fmt: skip
        return Row(child.pid, "attending", school.code, school.township, values, answers(child)["reverse"])

    def _remark(self, child: Child) -> str:
        if child.situation == "elsewhere":
            return self.rng.choice(REMARKS["guest_study"]) if child.variant else ""
        if child.situation == "transferring" and child.variant == 2:
            return self.rng.choice(REMARKS["transfer_in"])
        if child.situation in REMARKS:
            return self.rng.choice(REMARKS[child.situation])
        return self.rng.choice(HARMLESS) if self.rng.random() < 0.02 else ""

    def monitored(self, child: Child) -> Row:
        """The rural revitalisation list: poor and monitored households, with their own word on schooling."""
        family, stage = child.family, "小学在读" if child.stage == "primary" else "初中在读"
        out = bool(answers(child)["out"])
        if child.contradiction.startswith("monitored"):
            out = not out
        lifted = family.kind in ("lifted_out", "unstable")
        values = {
            "township": self._town(child), "village": family.village.name, "group": str(family.group), "household_number": family.number,
            "member_number": f"{family.number}{family.children.index(child) + 3:02d}", "head_name": family.head, "name": child.name,
            "sex": sex_word(child), "id_number": child.number, "birth_date": child.born.isoformat(),
            "relation_to_head": self.rng.choice(RELATIONS[child.sex]), "schooling": self.rng.choice(OUT_WORDS) if out else stage,
            "reason": self.rng.choice(("厌学", "外出务工", "其他")) if out else "", "household_kind": "脱贫户" if lifted else "普通农户",
            "monitoring_kind": KIND_NAMES.get(family.kind, ""), "risk_cleared": "否" if family.kind in KIND_NAMES else "",
            "phone": family.phone, "helper": "",
        }  # fmt: skip
        return Row(child.pid, "monitored", "", family.village.township, values, answers(child)["c3"])

    def survey(self, child: Child) -> Row:
        """The door-to-door sheet: what the visitor was told."""
        family, answer = child.family, answers(child)
        schooling, school, reason = self._told(child)
        values = {
            "township": self._town(child), "village": family.village.name, "name": child.name, "sex": sex_word(child),
            "birth_date": child.born.isoformat(), "id_number": "" if child.situation == "no_residence" else child.number,
            "guardian_name": family.guardian, "phone": family.phone, "address": address(child, self._town(child)),
            "schooling": schooling, "school_name": school, "reason": reason, "surveyor": "村委会" + family.head[0] + "主任",
            "surveyed_on": f"{self.year}-08-2{self.rng.randrange(10)}",
        }  # fmt: skip
        return Row(child.pid, "survey", "", family.village.township, values, answer["c1"])

    def _told(self, child: Child) -> tuple[str, str, str]:
        choice, situation = self.rng.choice, child.situation
        if situation in OUTSIDE:
            return choice(PROVINCE_WORDS[situation]), choice(OUTSIDE[situation]), ""
        return {
            "deferral": ("缓学", "", choice(("体弱，已申请缓学", "发育迟缓"))),
            "medically_unable": ("不具备学习条件", "", choice(("重度脑瘫", "多重残疾，长期卧床"))),
            "no_residence": (choice(("失学", "未就读")), "", choice(("无户口", "父母未登记结婚，未上户"))),
            "never_enrolled": (choice(("失学", "未就读")), "", choice(("外出务工", "厌学", "家庭困难", "随父母外出"))),
            "residence_to_verify": (choice(("待核实", "情况不明", "联系不上")), "", choice(("举家外出，电话不通", "据邻居说在外地"))),
        }.get(situation, (choice(("在读", "区内就读")), child.school.name, ""))
