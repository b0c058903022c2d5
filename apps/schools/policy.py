"""Every number of the rules that a district may change, with its default, unit and source.

A district's own value is a row of ``schools.PolicyValue`` with the day it takes effect; ``queries.policy()`` reads it.
Origin: N national, Y Yunnan, O another county's practice, D our default to be confirmed by the bureau, P the plan itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CLOCK, MONTH_DAY = "时分", "月日"  # 1500 is 15:00, 831 is 31 August
LAST_MINUTE = 59


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the rules."""

    key: str
    label: str
    default: int
    unit: str
    origin: str
    source: str
    lowest: int = 0
    highest: int = 10_000

    @property
    def origin_label(self) -> str:
        """Whose number it is, in words."""
        return ORIGINS[self.origin]

    def said(self, value: int) -> str:
        """A value as people write it: '8月31日', '15:00', '3 上课日'."""
        if self.unit == MONTH_DAY:
            return f"{value // 100}月{value % 100}日"
        return f"{value // 100}:{value % 100:02}" if self.unit == CLOCK else f"{value} {self.unit}"

    @property
    def range_said(self) -> str:
        """What may be filled in."""
        if self.unit in (CLOCK, MONTH_DAY):
            return f"{self.said(self.lowest)}—{self.said(self.highest)}"
        return f"{self.lowest}—{self.highest} {self.unit}"

    def fault(self, value: int) -> str:
        """Why a value cannot be meant, '' where it can."""
        if not self.lowest <= value <= self.highest:
            return f"{self.label}应在 {self.range_said} 之间。"
        if self.unit == CLOCK and value % 100 > LAST_MINUTE:
            return f"{self.label}写作四位数的时分，如 1500 表示 15:00。"
        if self.unit == MONTH_DAY and not _is_day(value // 100, value % 100):
            return f"{self.label}写作月日，如 831 表示 8月31日。"
        return ""


def _is_day(month: int, day: int) -> bool:
    try:
        date(2025, month, day)  # a year without 29 February: the day must exist every year
    except ValueError:
        return False
    return True


ORIGINS = {"N": "国家规定", "Y": "云南省规定", "O": "外县做法（待本区确认）", "D": "缺省值（待本区确认）", "P": "本区方案"}
NUMBERS = (
    Number("entry_age", "入学年龄", 6, "周岁", "N", "《义务教育法》第十一条", 5, 8),
    Number("entry_cutoff", "年龄计算截止日", 831, MONTH_DAY, "N", "《义务教育法》第十一条；按 8 月 31 日计算周岁", 701, 1231),
    Number("leaving_age", "义务教育年龄上限（不含）", 15, "周岁", "N", "《义务教育法》第二条", 14, 18),
    Number("run_first_week", "开学后第几周起比对", 2, "周", "P", "〔方案二（二）〕每个学期开学一周后", 1, 10),
    Number("settle_findings_days", "比对问题处理时限", 7, "日", "D", "比对后核实处理", 1, 60),
    Number("sign_run_days", "比对结果签认时限", 14, "日", "D", "比对后逐级签认", 1, 90),
    Number("registration_days", "未注册、未返校按首周处理的天数", 7, "日", "P", "〔方案二（三）1〕开学第一周", 1, 30),
    Number("suspected_school_days", "疑似辍学：连续无正当理由未到校", 3, "上课日", "P", "〔方案二（三）2〕3天及以上", 1, 30),
    Number("dropout_days", "辍学：疑似之后", 30, "日", "O", "外县做法，一个月以上", 7, 180),
    Number("roll_call_cutoff", "点名截止", 1500, CLOCK, "P", "〔方案二（三）3〕每个工作日15：00前", 800, 2000),
    Number("roll_call_chase_first", "催点名：请班主任", 1430, CLOCK, "D", "〔方案二（三）3〕截止之前", 800, 2000),
    Number("roll_call_chase_second", "催点名：告知学校和区教体局", 1510, CLOCK, "D", "〔方案二（三）3〕截止之后", 800, 2000),
    Number("leave_head_teacher_days", "班主任可批准的请假", 1, "日", "D", "请假审批分级", 0, 10),
    Number("leave_office_days", "教务处可批准的请假", 3, "日", "D", "请假审批分级", 0, 30),
    Number("leave_window_days", "零星请假合计：看最近几个上课日", 20, "上课日", "D", "请假审批分级", 5, 100),
    Number("leave_window_most", "零星请假合计超过即由校长批准", 5, "日", "D", "请假审批分级", 1, 50),
    Number("suspension_sick_days", "病假达到应办休学", 90, "日", "O", "学籍管理办法：病假三个月以上", 15, 365),
    Number("hint_weeks", "规律性缺课：看最近几周", 8, "周", "D", "〔方案二（三）2〕早发现", 2, 40),
    Number("hint_times", "规律性缺课：至少几次", 3, "次", "D", "〔方案二（三）2〕早发现", 2, 20),
    Number("hint_most", "缺课频繁：至少几次", 10, "次", "D", "〔方案二（三）2〕早发现", 3, 100),
    Number("honesty_days", "点名诚信提示：看最近几天", 30, "日", "D", "〔方案三（三）〕督查", 7, 200),
    Number("honesty_full_days", "点名诚信提示：每天全勤满", 20, "上课日", "D", "〔方案三（三）〕督查", 5, 100),
    Number("honesty_seconds", "点名诚信提示：用时不足", 5, "秒", "D", "〔方案三（三）〕督查", 1, 60),
    Number("honesty_fast_times", "点名诚信提示：用时不足的次数", 5, "次", "D", "〔方案三（三）〕督查", 1, 100),
    Number("honesty_same_days", "点名诚信提示：缺勤名单连续相同", 5, "上课日", "D", "〔方案三（三）〕督查", 2, 30),
    Number("three_lines_school_days", "三线报告完成时限", 1, "上课日", "D", "〔方案二（三）2〕", 1, 10),
    Number("first_visit_school_days", "首次家访时限", 3, "上课日", "D", "〔方案二（三）4〕", 1, 15),
    Number("away_letter_send_days", "非本地户籍：发函期限", 3, "日", "D", "〔方案二（三）3〕向户籍地教育行政部门发函", 1, 30),
    Number("away_letter_reply_days", "非本地户籍：对方答复期限", 15, "日", "D", "〔方案二（三）3〕向户籍地教育行政部门发函", 3, 90),
    Number("cleared_school_days", "排除疑似须返校上课", 1, "上课日", "D", "〔方案二（三）2〕返校满一个上课日", 1, 10),
    Number("assign_working_days", "交办乡镇时限", 3, "工作日", "D", "〔方案二（三）2〕乡镇主体劝返责任", 1, 15),
    Number("accept_working_days", "乡镇签收交办时限", 2, "工作日", "D", "〔方案二（三）2〕乡镇主体劝返责任", 1, 15),
    Number("decide_working_days", "第二人审定时限", 3, "工作日", "D", "〔方案三（三）〕闭环管理", 1, 15),
    Number("pause_longest_days", "暂停计时最长", 30, "日", "D", "暂停须有截止日，到期自动恢复", 1, 90),
    Number("pause_total_days", "暂停计时累计最长（没有进展期间）", 60, "日", "D", "连续申请暂停也不能使个案停住", 1, 180),
    Number("first_step_days", "四步法：接手后发出劝学通知书", 7, "日", "D", "〔方案二（七）4〕", 1, 30),
    Number("serve_days", "四步法：文书送达期限", 7, "日", "D", "《行政诉讼法》《民事诉讼法》送达", 1, 30),
    Number("next_step_days", "四步法：期满后进行下一步", 7, "日", "D", "〔方案二（七）4〕", 1, 60),
    Number("step_publicity_days", "四步法：宣传教育期限", 14, "日", "D", "〔方案二（七）4〕", 1, 60),
    Number("step_order_days", "四步法：责令改正期限", 7, "日", "D", "〔方案二（七）4〕7—15日", 1, 30),
    Number("step_order_longest_days", "四步法：责令改正最长期限", 15, "日", "D", "〔方案二（七）4〕7—15日", 1, 60),
    Number("step_notice_days", "四步法：行政处罚告知后陈述、申辩的期限", 5, "日", "D", "《行政处罚法》第四十四条、第四十五条", 3, 30),
    Number("step_penalty_days", "四步法：行政处罚后履行期限", 15, "日", "N", "《行政处罚法》第六十七条：收到决定书之日起十五日", 1, 60),
    Number("returned_school_days", "认定复学须到校（累计）", 5, "上课日", "D", "返校后巩固", 1, 30),
    Number("placement_school_days", "分类安置时限", 10, "上课日", "D", "〔方案二（五）〕", 1, 60),
    Number("placement_begin_days", "安置方案最迟在订立后几日内开始", 60, "日", "D", "〔方案二（五）〕；假期里订的，开学即开始", 1, 120),
    Number("review_longest_days", "安置、关爱方案最迟几日复核一次", 120, "日", "D", "〔方案二（五）〕；每学期至少复核一次", 7, 200),
    Number("exemption_longest_days", "缓学、休学、不具备学习条件最长", 365, "日", "N", "《义务教育法》第十一条；学籍管理办法", 30, 730),
    Number("exemption_warning_days", "到期前提醒", 30, "日", "D", "到期自动恢复", 1, 90),
    Number("monitoring_weekly", "跟踪：每周记录的周数", 4, "周", "D", "跟踪巩固", 1, 20),
    Number("monitoring_months", "跟踪：每周记录之后，每几个月记录一次", 1, "月", "D", "跟踪巩固", 1, 6),
    Number("monitoring_school_days", "销号须跟踪", 60, "上课日", "D", "销号条件", 10, 200),
    Number("monitoring_attendance", "销号须出勤率", 95, "%", "D", "销号条件", 50, 100),
    Number("reopen_school_days", "再次立案：跟踪或销号后无正当理由未到校", 3, "上课日", "D", "〔方案二（三）2〕3天及以上", 1, 30),
    Number("repeat_months", "再次辍学的认定期", 12, "月", "D", "重复辍学", 1, 36),
    Number("escalate_first_days", "无进展上报：校长", 3, "日", "D", "逐级上报", 1, 30),
    Number("escalate_second_days", "无进展上报：中心学校、乡镇", 7, "日", "D", "逐级上报", 1, 60),
    Number("escalate_third_days", "无进展上报：区教体局、区领导", 14, "日", "D", "逐级上报", 1, 90),
    Number("home_teaching_lessons_low", "送教上门最低课时", 30, "课时/年", "O", "外县 30—216 课时", 0, 400),
    Number("home_teaching_lessons_high", "送教上门目标课时", 216, "课时/年", "O", "外县 30—216 课时", 0, 600),
    Number("transfer_working_days", "转学每方办理时限", 10, "工作日", "O", "学籍管理办法", 1, 30),
    Number("double_line_posts", "双线十二人制：每线岗位数", 6, "人", "P", "〔方案三（三）〕双线十二人制", 1, 12),
    Number("shrink_percent", "名册减少超过多少须再次确认", 20, "%", "D", "防止误传半份名册", 1, 100),
    Number("lockout_failures", "登录失败锁定次数", 5, "次", "D", "登录安全", 3, 20),
    Number("lockout_minutes", "登录失败锁定时长", 15, "分钟", "D", "登录安全", 5, 1440),
)
BY_KEY = {number.key: number for number in NUMBERS}


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers in force in one district on one day: ``policy["suspected_school_days"]``."""

    values: dict[str, int]

    def __getitem__(self, key: str) -> int:
        return self.values.get(key, BY_KEY[key].default)

    def fill(self, words: str) -> str:
        """Words with the numbers in force where they name them: '满 {dropout_days} 日' → '满 30 日'."""
        return words.format_map(self)
