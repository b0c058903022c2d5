"""The people of the demonstration: one or more log-ins a role, with invented names, where the guided walk needs them."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "zaixue-demo"  # noqa: S105  shown beside the log-ins of the demonstration


@dataclass(frozen=True, slots=True)
class Part:
    """One post of one person. ``place`` is a code (school, township, village), '' for the district; ``with_class``: a class of that school."""

    username: str
    name: str
    role: str
    place: str = ""
    with_class: bool = False


def parts(*, tour_school: str, tour_township: str, other_school: str, other_townships: list[str], village: str) -> list[Part]:
    """The posts of the demonstration in the order of the table; who stands twice holds two posts.

    ``other_townships``: all but the walk's own; one person stands for all of them, so that every township can sign.
    """
    return [
        Part("bureau", "段正明", "bureau"),
        Part("registrar", "李文秀", "registrar", tour_school),
        Part("principal", "王建邦", "principal", tour_school),
        Part("teacher", "张小菊", "head_teacher", tour_school, with_class=True),
        Part("subject", "何应才", "subject_teacher", tour_school, with_class=True),
        Part("central", "沙马·有才", "central_school", tour_township),
        Part("township", "普光荣", "township", tour_township),
        Part("village", "毕玉兰", "village", village),
        Part("liaison", "马春晓", "liaison"),
        Part("inspector", "杨志刚", "inspector"),
        Part("leader", "鲁正明", "leader"),
        Part("admin", "赵敏", "administrator"),
        Part("registrar2", "陈国芬", "registrar", other_school),
        Part("registrar2", "陈国芬", "head_teacher", other_school, with_class=True),
        Part("principal2", "鲁绍华", "principal", other_school),
        Part("central2", "吕正才", "central_school", other_townships[0]),
        *(Part("township2", "李自明", "township", township) for township in other_townships),
    ]
