"""The ten roles of DOMAIN.md §1, the subject teacher and the district's leader as readable classes: what each may do, where it works, which
registers it may hand in."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.core.rights import Right
from apps.core.scope import Level

R = Right
SEE_SCHOOL = frozenset({R.WORKBENCH, R.VIEW_FINDINGS, R.VIEW_CHILDREN, R.VIEW_CASES, R.VIEW_ATTENDANCE, R.VIEW_LEAVES, R.VIEW_REPORTS})
AT_SCHOOL = frozenset({R.TAKE_ROLL, R.LOG_CONTACT, R.ASK_LEAVE, R.APPROVE_LEAVE, R.LOG_VISIT})  # work that only a school does
OF_SCHOOL = AT_SCHOOL | {R.VIEW_LEAVE_PROOFS, R.VIEW_MEDICAL}  # medical records: for the school and the bureau
ON_THE_SPOT = frozenset({R.VIEW_ASSIGNMENTS, R.LOG_VISIT})  # who goes to the family's door
LEAD_CASES = frozenset(
    {R.VIEW_DASHBOARD, R.OPEN_CASE, R.LOG_CASE, R.PROPOSE_CASE, R.EXPORT_CASES, R.MANAGE_DUTIES}
)  # who leads a school or a township
TEACH = frozenset({R.LOG_CASE, R.PROPOSE_CASE, R.TEACH_AT_HOME, R.WATCH_CHILD})
BELOW = frozenset(
    {R.PROPOSE_CASE, R.TAKE_ASSIGNMENTS, R.ISSUE_STEPS, R.REGISTER_RETURN, R.PLACE_CHILD, R.TEACH_AT_HOME, R.WATCH_CHILD}
)  # not the bureau's
ALL_KINDS = frozenset({"enrollment", "household", "attending", "monitored", "survey"})


@dataclass(frozen=True, slots=True)
class Role:
    """One role. ``level`` is the place a post of this role stands at; ``main_action`` is (label, url name)."""

    code: str
    label: str
    level: Level
    sentence: str
    rights: frozenset[Right]
    main_action: tuple[str, str]
    uploads: frozenset[str] = field(default_factory=frozenset)


ROLES = (
    Role(
        "registrar", "学籍管理员", Level.SCHOOL, "上传本校名册，改正问题行，登记返校",
        SEE_SCHOOL | OF_SCHOOL
        | {R.VIEW_REGISTERS, R.UPLOAD_REGISTERS, R.VIEW_RUNS, R.SETTLE_FINDINGS, R.JUDGE_PAIRS, R.REVEAL_IDS, R.CORRECT_ROLL_CALLS,
           R.ENTER_PLATFORM, R.VIEW_DASHBOARD, R.EXPORT_CASES, R.REGISTER_RETURN, R.DECIDE_CASE} | TEACH,
        ("上传名册", "register_list"), frozenset({"enrollment", "attending"}),
    ),
    Role("head_teacher", "班主任", Level.CLASS, "每日15:00前点名，联系家长与家访，看本班学生", SEE_SCHOOL | OF_SCHOOL | TEACH, ("点名", "roll_today")),
    Role(
        "subject_teacher", "科任教师", Level.CLASS, "班主任不在时代为点名", frozenset({R.WORKBENCH, R.TAKE_ROLL, R.VIEW_ATTENDANCE}), ("点名", "roll_today"),
    ),
    Role(
        "principal", "校长", Level.SCHOOL, "核实疑似辍学，签认本校比对结果",
        SEE_SCHOOL | OF_SCHOOL | {R.VIEW_REGISTERS, R.VIEW_RUNS, R.SETTLE_FINDINGS, R.SIGN_RUN, R.REVEAL_IDS, R.CORRECT_ROLL_CALLS,
                                 R.VERIFY_ABSENCE, R.ENTER_PLATFORM, R.REGISTER_RETURN, R.REOPEN_CASE, R.PLACE_CHILD,
                                 R.DECIDE_CASE} | TEACH | LEAD_CASES,
        ("核实并签发三线", "report_list"),
    ),
    Role(
        "central_school", "中心学校", Level.TOWNSHIP, "户籍与学籍比对，处理比对问题",
        SEE_SCHOOL | {R.VIEW_REGISTERS, R.UPLOAD_REGISTERS, R.VIEW_RUNS, R.SETTLE_FINDINGS, R.JUDGE_PAIRS, R.REVEAL_IDS, R.NAME_SCHOOL}
        | LEAD_CASES,
        ("处理比对问题", "finding_list"), frozenset({"household", "survey"}),
    ),
    Role(
        "township", "乡镇（街道）", Level.TOWNSHIP, "接收劝返任务，签认本乡镇比对结果",
        SEE_SCHOOL | {R.VIEW_REGISTERS, R.UPLOAD_REGISTERS, R.VIEW_RUNS, R.SETTLE_FINDINGS, R.SIGN_RUN, R.REVEAL_IDS, R.SIGN_RECEIPT,
                      R.TAKE_ASSIGNMENTS, R.ISSUE_STEPS, R.NAME_SCHOOL, R.REOPEN_CASE, R.VIEW_MEDICAL} | ON_THE_SPOT | LEAD_CASES,
        ("签收与劝返记录", "assignment_list"), frozenset({"household", "survey"}),
    ),
    Role(
        "village", "村（社区）", Level.VILLAGE, "上报不在任何名册中的儿童，记录走访",
        frozenset({R.WORKBENCH, R.VIEW_REGISTERS, R.UPLOAD_REGISTERS, R.VIEW_CHILDREN, R.TAKE_ASSIGNMENTS, R.OPEN_CASE}) | ON_THE_SPOT,
        ("报告一名儿童", "register_report"), frozenset({"survey"}),
    ),
    Role(
        "bureau", "区教体局", Level.DISTRICT, "运行比对，认定辍学，销号，看全区",
        (frozenset(Right) - AT_SCHOOL - ON_THE_SPOT - BELOW - {R.MANAGE_PEOPLE, R.CORRECT_ROLL_CALLS, R.VERIFY_ABSENCE, R.ENTER_PLATFORM}),
        ("今天要办的", "workbench"), ALL_KINDS,
    ),
    Role(
        "liaison", "乡村振兴", Level.DISTRICT, "上传脱贫户与三类监测名单，看比对③",
        frozenset({R.WORKBENCH, R.VIEW_REGISTERS, R.UPLOAD_REGISTERS, R.VIEW_MONITORED_COMPARISON}),
        ("上传监测名单", "register_list"), frozenset({"monitored"}),
    ),
    Role(
        "inspector", "督查", Level.DISTRICT, "查看全区，只读；写督查记录",
        SEE_SCHOOL | {R.VIEW_REGISTERS, R.VIEW_RUNS, R.VIEW_MONITORED_COMPARISON, R.INSPECT_ROLL_CALLS, R.VIEW_DASHBOARD, R.EXPORT_CASES},
        ("开始督查", "honesty_list"),
    ),
    Role(
        "leader", "区领导", Level.DISTRICT, "看全区总览和超期未办的个案", frozenset({R.WORKBENCH, R.VIEW_DASHBOARD, R.VIEW_CASES}), ("看总览", "dashboard"),
    ),
    Role("administrator", "系统管理员", Level.DISTRICT, "管理人员、岗位、政策、校历；不看儿童数据", frozenset({R.WORKBENCH, R.MANAGE_PEOPLE}), ("人员与岗位", "admin:index")),
)  # fmt: skip
BY_CODE = {role.code: role for role in ROLES}
