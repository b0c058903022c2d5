"""What takes two signatures: one person asks on a named ground, another one agrees. One table."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.labels import Labelled


class Kind(Labelled):
    """What is asked for."""

    CLEAR = "clear", "排除疑似"
    CONFIRM = "confirm", "认定辍学"
    EXEMPT = "exempt", "缓学、休学、不具备学习条件"
    CLOSE = "close", "销号"
    PAUSE = "pause", "暂停计时"
    SKIP = "skip", "跳过四步法的一步"


@dataclass(frozen=True, slots=True)
class Basis:
    """A ground on which something may be asked for. ``needs_proof``: a file must lie beside it; ``needs_until``: it ends on a day;
    ``is_medical``: its proof is a medical paper, not for every post that sees the case; ``needs_where``: it says which school it speaks of."""

    code: str
    label: str
    needs_proof: bool = True
    needs_until: bool = False
    is_medical: bool = False
    needs_where: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, who agrees (roles), and on which grounds; ``lone``: who asks and who agrees where the child has no school."""

    kind: Kind
    askers: tuple[str, ...]
    deciders: tuple[str, ...]
    bases: tuple[Basis, ...]
    lone: tuple[str, str] | None = None


B, K = Basis, Kind
ENDED_BASES = ("past_age", "graduated", "certified", "died")  # nothing is left to bring back
EXEMPTIONS = (("deferral", "缓学"), ("suspension", "休学"), ("medically_unable", "不具备学习条件"))
ASKS = (
    Ask(K.CLEAR, ("head_teacher", "registrar", "principal"), ("principal", "registrar"), (
        B("back", "已返校上课", needs_proof=False), B("transfer", "已转学"), B("suspension", "已办理休学", is_medical=True), B("elsewhere", "在他处就读"),
        B("mistake", "名册或点名有误，学生一直在校"),
    ), lone=("township", "bureau")),
    Ask(K.CONFIRM, ("principal",), ("bureau",), (
        B("days", "疑似满规定的日数仍未返校", needs_proof=False), B("refused_written", "书面拒绝返校"), B("working", "查实外出务工"),
        B("married", "查实早婚"), B("unknown", "查实下落不明"),
    ), lone=("township", "bureau")),
    Ask(K.EXEMPT, ("principal", "township"), ("bureau",), (
        *(B(code, label, needs_until=True, is_medical=True) for code, label in EXEMPTIONS),
    )),
    Ask(K.CLOSE, ("principal",), ("bureau",), (
        B("watched", "跟踪期满、出勤达标"), B("past_age", "已超过义务教育年龄"), B("graduated", "九年级学年结束，已完成义务教育"),
        B("certified", "有初中毕业证书", needs_where=True), B("died", "死亡", is_medical=True),
        B("accepted", "户籍地教育行政部门书面接收"),
    ), lone=("township", "bureau")),
    Ask(K.PAUSE, ("principal", "township"), ("bureau",), (
        B("illness", "学生或监护人重病住院", needs_until=True, is_medical=True), B("disaster", "灾害、道路中断", needs_until=True),
        B("court", "等候法院或公安机关处理", needs_until=True), B("other", "其他", needs_until=True),
    )),
    Ask(K.SKIP, ("township",), ("bureau",), (B("urgent", "情况紧急，须直接进入下一步"), B("useless", "上一步已不可能送达"))),
)  # fmt: skip
BY_KIND: dict[str, Ask] = {ask.kind: ask for ask in ASKS}


def askers(kind: str, *, has_school: bool = True) -> tuple[str, ...]:
    """Roles that may ask. 〔方案二（三）2〕班主任报告、校长核证，没有学校的由乡镇提出；〔方案三（三）〕闭环管理，两人签字（缺省值，待本区确认）"""
    ask = BY_KIND[kind]
    return ask.askers if has_school or ask.lone is None else ask.lone[:1]


def deciders(kind: str, *, has_school: bool = True) -> tuple[str, ...]:
    """Roles that may agree. 〔方案二（三）2〕〔方案三（三）〕认定、销号由区教体局；排除由学校第二人，没有学校的由区教体局（缺省值，待本区确认）"""
    ask = BY_KIND[kind]
    return ask.deciders if has_school or ask.lone is None else ask.lone[1:]


def basis_of(kind: str, code: str) -> Basis | None:
    """A ground by its code; None where the kind knows no such ground. 〔方案二（三）1〕一生一案，有据可查"""
    return next((basis for basis in BY_KIND[kind].bases if basis.code == code), None)


def name_of(kind: str, code: str) -> str:
    """The words of a ground. 〔方案二（三）1〕一生一案，有据可查"""
    basis = basis_of(kind, code)
    return basis.label if basis else code


def tells_medical(kind: str, code: str) -> bool:
    """Whether what is said for it tells of somebody's illness, which not every post may read; a death is no secret of the case.

    〔个人信息保护法 第二十八条〕医疗健康信息是敏感个人信息。"""
    basis = basis_of(kind, code)
    return basis is not None and basis.is_medical and kind != Kind.CLOSE
