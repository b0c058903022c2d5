"""What people send from the pages of the access matrix."""

from __future__ import annotations

LINES = {
    "platform_show": {"number": "YN20261123"},
    "letter_reply": {"text": "已安排入户"},
    "away_send": {"addressee": "测试县教育体育局"},
    "away_reply": {"text": "正在查找"},
    "people_name": {"gov_township_cadre_name": "李测", "gov_village_name": "王测"},
    "report_verify": {
        "whereabouts": "外地",
        "cause": "work",
        "home": "测",
        "guardian_name": "杨父",
        "guardian_phone": "1",
        "contacts": "",
        "cause_text": "",
    },
}
