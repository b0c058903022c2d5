"""What a post may do. A right says *what*; the scope (core/scope.py) says *on whom*."""

from __future__ import annotations

from apps.core.labels import Labelled


class Right(Labelled):
    """One right; the label is the sentence people read in the list of a role's rights."""

    WORKBENCH = "workbench", "查看自己的工作台"
    VIEW_REGISTERS = "view_registers", "查看名册与上传记录"
    UPLOAD_REGISTERS = "upload_registers", "上传、核对并提交名册"
    VIEW_RUNS = "view_runs", "查看四查三比对"
    START_RUN = "start_run", "开始一次比对"
    SIGN_RUN = "sign_run", "签认比对结果"
    VIEW_FINDINGS = "view_findings", "查看比对问题"
    SETTLE_FINDINGS = "settle_findings", "处理比对问题"
    JUDGE_PAIRS = "judge_pairs", "判定疑似同一人"
    VIEW_CHILDREN = "view_children", "查看学生"
    REVEAL_IDS = "reveal_ids", "查看完整证件号（留痕）"
    VIEW_CASES = "view_cases", "查看一生一案"
    VIEW_MONITORED_COMPARISON = "view_monitored_comparison", "查看比对③（脱贫户与三类监测对象）"
    TAKE_ROLL = "take_roll", "点名"
    CORRECT_ROLL_CALLS = "correct_roll_calls", "补填和更正以前的点名（写明原因）"
    VIEW_ATTENDANCE = "view_attendance", "查看点名与连续未到校"
    LOG_CONTACT = "log_contact", "登记与家长的联系"
    VIEW_LEAVES = "view_leaves", "查看请假条"
    VIEW_LEAVE_PROOFS = "view_leave_proofs", "下载请假证明（留痕）"
    ASK_LEAVE = "ask_leave", "登记请假条"
    APPROVE_LEAVE = "approve_leave", "按天数批准请假"
    INSPECT_ROLL_CALLS = "inspect_roll_calls", "查看点名诚信提示"
    VIEW_REPORTS = "view_reports", "查看三线报告"
    VERIFY_ABSENCE = "verify_absence", "核实疑似辍学并签发三线报告"
    ENTER_PLATFORM = "enter_platform", "登记政府救助平台的录入"
    SIGN_RECEIPT = "sign_receipt", "签收三线报告并答复"
    SEND_LETTERS = "send_letters", "向户籍地教育行政部门发函"
    VIEW_ASSIGNMENTS = "view_assignments", "查看交办本地的劝返任务"
    LOG_VISIT = "log_visit", "登记家访与劝返"
    MANAGE_PEOPLE = "manage_people", "管理人员、岗位、政策与校历"
