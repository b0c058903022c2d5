"""分类安置: why a child stayed away, and which placements fit. One table."""

from __future__ import annotations

from apps.core.labels import Labelled


class Cause(Labelled):
    """Why a child stayed away, in the plan's order."""

    WORK = "work", "外出务工、务农"
    WEARY = "weary", "厌学"
    ILL = "ill", "疾病"
    DISABLED = "disabled", "残疾"
    AT_HOME = "at_home", "在家上学"
    TEMPLE = "temple", "入寺入教"
    MARRIED = "married", "早婚早育"
    HARDSHIP = "hardship", "家庭困难或变故"
    OTHER = "other", "其他"
    UNKNOWN = "unknown", "尚未查明"


class Placing(Labelled):
    """How a child learns after its return."""

    AS_BEFORE = "as_before", "原班就读"
    INDIVIDUAL = "individual", "单独教育（个性化教育教学）"
    SEPARATE_CLASS = "separate_class", "单独编班"
    INTEREST = "interest", "随班就读并激发兴趣、专人关注"
    INCLUSIVE = "inclusive", "随班就读"
    MATCHING_GRADE = "matching_grade", "评估后编入相应年级并辅导"
    SPECIAL_SCHOOL = "special_school", "特殊教育学校就读"
    HOME_TEACHING = "home_teaching", "送教上门"
    STUDIED = "studied", "一人一策（集体研究）"


C, P = Cause, Placing
FITS: dict[str, tuple[Placing, ...]] = {
    C.WORK: (P.INDIVIDUAL, P.SEPARATE_CLASS),
    C.WEARY: (P.INTEREST, P.AS_BEFORE),
    C.ILL: (P.INCLUSIVE, P.HOME_TEACHING, P.AS_BEFORE),
    C.DISABLED: (P.INCLUSIVE, P.HOME_TEACHING, P.SPECIAL_SCHOOL),
    C.AT_HOME: (P.MATCHING_GRADE,),
    C.TEMPLE: (P.MATCHING_GRADE,),
    C.MARRIED: (P.SEPARATE_CLASS, P.INDIVIDUAL, P.INCLUSIVE),
    C.HARDSHIP: (P.AS_BEFORE, P.STUDIED),
    C.OTHER: (P.STUDIED, P.AS_BEFORE),
}
WITHOUT_ROLL_CALL = frozenset({P.HOME_TEACHING, P.INDIVIDUAL, P.SPECIAL_SCHOOL})  # taught where no class is called
TAUGHT_APART = frozenset({P.HOME_TEACHING, P.INDIVIDUAL})  # watched by the lessons given, against their plan

CAUSES: dict[str, str] = {cause.value: cause.label for cause in Cause}
PLACINGS: dict[str, str] = {placing.value: placing.label for placing in Placing}


def fits(cause: str, placing: str) -> bool:
    """Whether a placement is one the plan names for a cause.

    〔方案二（五）〕打工务农：单独教育；厌学：提高教学质量、激发兴趣；病残：随班就读、送教上门；在家上学、入寺入教：评估后编入相应年级；早婚：单独教学、随班就读；
    其他：具体分析。"""
    return placing in FITS.get(cause, ())


def needs_panel(cause: str, placing: str) -> bool:
    """Whether the disability panel's advice must be on file. 〔方案二（六）〕根据残疾人教育专家委员会的建议，一人一案、分类安置"""
    return cause == Cause.DISABLED or placing == Placing.SPECIAL_SCHOOL


def needs_assessment(cause: str) -> bool:
    """Whether what the child knows is assessed first. 〔方案二（五）〕在家上学、入寺入教的，对学识情况进行全面评估"""
    return cause in (Cause.AT_HOME, Cause.TEMPLE)


def is_called(placing: str) -> bool:
    """Whether roll calls say if a child so placed comes. 〔方案二（六）〕送教上门的按送教记录计"""
    return placing not in WITHOUT_ROLL_CALL


def by_lessons(placing: str) -> bool:
    """Whether the lessons given, against their plan, say if a child so placed is taught; no roll call expects it.

    〔方案二（五）〕打工务农的单独教育；〔方案二（六）〕送教上门：按授课记录计。"""
    return placing in TAUGHT_APART


def why_not(cause: str, placing: str, *, is_back: bool) -> str:
    """Why a placement is not offered, in words; '' where it is. ``is_back``: the child counts as returned already.

    〔方案二（五）〕根据辍学原因分类安置；〔方案二（三）4〕劝返复学，到校稳定后安置。"""
    if cause in ("", Cause.UNKNOWN):
        return "辍学原因尚未查明"
    if not fits(cause, placing):
        return f"方案对“{CAUSES[cause]}”没有列这种方式"
    return "" if is_back or not is_called(placing) else "到校满规定的上课日、登记复学后才能安置"
