"""What people are told, and how many of a kind become one line."""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    """The kind of a notice; ``many`` says a number of them in one line."""

    label: str
    many: str
    tone: str

    def __new__(cls, value: str, label: str, many: str, tone: str) -> Topic:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.many, member.tone = label, many, tone
        return member

    ROLL_MISSING = "roll_missing", "未点名", "{n} 个班还没有点名", "warn"
    REMINDER = "reminder", "催办", "{n} 次催办", "warn"
    SECOND_DAY = "second_day", "连续两日未到校", "{n} 名学生连续两个上课日无正当理由未到校", "warn"
    PATTERN = "pattern", "缺勤有规律", "{n} 名学生的缺勤有规律，请留意", "info"
    SEAT = "seat", "班级名单", "{n} 条班级名单的变动，请核对", "warn"
    LEAVE = "leave", "请假", "{n} 张请假条待处理", "info"
    DECIDED = "decided", "请假已批复", "{n} 张请假条有了批复", "info"
    SUSPECTED = "suspected", "疑似辍学", "{n} 名学生疑似辍学，已立案", "bad"
    CASE = "case", "个案", "{n} 件个案有新情况", "info"
    CLIMBED = "climbed", "逐级上报", "{n} 次逐级上报：个案没有进展", "bad"
    EXPIRY = "expiry", "期限", "{n} 件缓学、休学或不具备学习条件到期", "warn"
    REVIEW = "review", "安置复核", "{n} 件安置、关爱方案待复核", "warn"
    LESSONS = "lessons", "送教", "{n} 名学生送教课时不足", "warn"
    LINE = "line", "三线报告", "{n} 份三线报告待办", "warn"
    ASSIGNMENT = "assignment", "劝返任务", "{n} 件劝返任务", "bad"
    LETTER = "letter", "函件", "{n} 份函件待办", "info"
    ANSWER = "answer", "答复", "收到 {n} 份答复", "info"


def one_line(topic: Topic, sentences: list[str]) -> str:
    """What a list says of the notices of one kind and day: the sentence itself, or how many there are.

    〔方案二（三）2〕每天了解缺勤情况：一人一天一类只说一句，详情展开看。"""
    return sentences[0] if len(sentences) == 1 else topic.many.format(n=len(sentences))
