"""Coded cells: '1', '男' and '1-男' are one value (DATA.md §1, codes). Unknown text gives '', never a guess."""

from __future__ import annotations

import re
import unicodedata

CODE_NAME = re.compile(r"^\s*(\d{1,2})\s*[-－—.、:：]\s*(\S.*?)\s*$")
CODE_THEN_NAME = re.compile(r"^\s*\d{1,2}\s*(\D.*?)\s*$")
NAME_CODE = re.compile(r"^\s*(\S.*?)\s*[(（]\s*(\d{1,2})\s*[)）]\s*$")


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


def table(text: str) -> dict[str, str]:
    """'value: word word' lines as word → value."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        value, words = line.split(":", 1)
        for word in words.split():
            found[word] = value.strip()
    return found


SEX = table("M: 1 01 男 男性 m male\nF: 2 02 女 女性 f female")
YES_NO = table(
    "Y: 1 是 有 y yes true √ ✓ 对 已消除 随班就读 孤儿 随迁子女 进城务工人员随迁子女\nN: 0 2 否 无 非 不是 n no false × x 未消除 没有 非孤儿"
)
RISK = table("Y: 1 是 y yes true 已消除 风险已消除 消除 自然消除\nN: 0 2 否 n no false 未消除 风险未消除")
BOARDING = table("day: 1 01 走读 走读生 否 通校\nhome_teaching: 送教上门 送教 3-送教上门\nboarding: 2 02 住校 寄宿 寄宿生 住校生 住宿 是 内宿")
LEFT_BEHIND = table("0: 0 否 非留守儿童 非留守 不是 无 非\n1: 1 单亲留守儿童 单亲留守 是 留守儿童 留守 单亲\n2: 2 双亲留守儿童 双亲留守 双亲")
DISABILITY = table("""
: 0 无 否 无残疾 非残疾 正常 健康
视力: 1 视力 视力残疾 盲 低视力
听力: 2 听力 听力残疾 聋
言语: 3 言语 言语残疾
肢体: 4 肢体 肢体残疾
智力: 5 智力 智力残疾
精神: 6 精神 精神残疾 自闭症 孤独症
多重: 7 多重 多重残疾
其他: 9 其他 其他残疾
""")
# GB/T 2261.3 健康状况代码，学籍系统用两位码.
HEALTH = table("""
健康或良好: 10 1 健康或良好 健康 良好 正常 好
一般或较弱: 20 2 一般或较弱 一般 较弱
有慢性病: 30 3 有慢性病 慢性病
有生理缺陷: 40 4 有生理缺陷 生理缺陷
残疾: 50 5 残疾 有残疾 残疾人
""")
DISABLED = "残疾"  # a child known to be disabled of whom nobody said how
# 学生当前状态代码（全国中小学生学籍信息管理系统）.
STUDENT_STATE = table("""
studying: 01 1 在读 在校 正常 在籍在读 就读 在籍 注册
suspension: 02 2 休学
withdrawn: 03 3 退学
stopped: 04 4 停学
returned: 05 5 复学
drifted: 06 6 流失
graduated: 07 7 毕业 已毕业
completed: 08 8 结业
incomplete: 09 9 肄业
transferred_out: 10 转出 转学 转学转出 已转出
transferring: 转学办理中 转出中 转学中 转入待接续
dead: 11 死亡
expelled: 14 开除
missing: 15 下落不明 失踪
home_teaching: 送教上门 送教
deferral: 缓学
leave: 请假
guest_study: 借读
dropout: 辍学
other_leave: 其他离校
other: 99 其他
""")
HOUSEHOLD_STATE = table("""
normal: 1 正常 在册 有效 在户 常住
dead: 2 死亡 死亡注销 已死亡
moved_out: 3 迁出 已迁出 户口迁出 迁往外地 出国定居 出国（境）定居
duplicate: 4 重户 重复户口 重户注销 重复 双重户口
not_found: 5 查无此人 空户 人户不符
""")
HOUSEHOLD_KIND = table("lifted_out: 脱贫户 已脱贫户 建档立卡户 建档立卡 脱贫\ngeneral: 普通农户 一般户 一般农户 非贫困户 普通户 农户")
MONITORED_KIND = table("""
unstable: 脱贫不稳定户 脱贫不稳定 不稳定户
marginal: 边缘易致贫户 边缘易致贫 边缘户
sudden_hardship: 突发严重困难户 突发严重困难 突发困难户
: 无 否 非监测对象 非
""")
SITUATION = table("""
enrolled_inside: 区内就读 区内在读 区内在籍 本区就读 在区内就读 本地就读 在读 在校 小学在读 初中在读 就读 正常在校 县内就读 在校生 小学 初中
outside_province_in: 省内区外 区外省内 省内区外就读 区外就读(省内) 省内县外 省内就读 区外就读（省内） 省内县外就读
outside_province_out: 省外 省外就读 区外省外 区外就读(省外) 区外就读（省外） 外省就读
outside: 区外就读 区外 外地就读 县外就读
deferral: 缓学
suspension: 休学
home_teaching: 送教上门 送教
medically_unable: 不具备学习条件 不具备条件 重度残疾 因病残不能就读 不具备入学条件
graduated: 已毕业 毕业 初中毕业
never_enrolled: 失学 未就读 未在读 不在读 未读书 未入学 从未入学 没上学 未上学
dropout: 辍学 疑似辍学 失学辍学 辍学在家 非在校生 非在校
dead: 死亡
moved_out: 迁出
unknown: 待核实 情况不明 联系不上 失联 不明 不详 不清楚 下落不明 未知
""")
SCHOOL_TYPE = table("""
primary: 小学 完全小学 完小 村小 普通小学
teaching_point: 教学点 小学教学点
junior: 初级中学 初中 中学 普通初中 完全中学
nine_year: 九年一贯制 九年一贯制学校 九年制学校 一贯制
special: 特殊教育 特殊教育学校 特教学校
""")
# 学籍状态 that compulsory schooling does not know (义务教育法 第二十七条: 不得开除).
UNLAWFUL_STATES = {"withdrawn": "退学", "stopped": "停学", "expelled": "开除"}
# GB/T 3304 in the order of its numeric codes 01–56.
NATIONS = words(
    """
    汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤
    畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬
    锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺
    """
)
NATION_CODES = words(
    """
    HA MG HU ZA UG MH YI ZH BY CS MA DO YA BA TJ HN KZ DA LI LS VA SH GS LH SU DX NX JP
    KG TU DU ML QI BL SL MN GL XB AC PM TA NU UZ RS EW DE BN YG GI TT DR OR HZ MB LB JN
    """
)
ETHNICITY = {f"{number:02}": f"{nation}族" for number, nation in enumerate(NATIONS, 1)}
ETHNICITY |= {str(number): f"{nation}族" for number, nation in enumerate(NATIONS, 1)}
ETHNICITY |= {nation: f"{nation}族" for nation in NATIONS} | {f"{nation}族": f"{nation}族" for nation in NATIONS}
ETHNICITY |= {code.lower(): f"{nation}族" for code, nation in zip(NATION_CODES, NATIONS, strict=True)}
ETHNICITY |= {"俄罗斯": "俄罗斯族", "穿青人": "穿青人", "穿青": "穿青人", "97": "其他", "98": "外国血统", "其他": "其他", "未识别": "未识别民族"}


# How a code of 学生当前状态 reads to a person: two files of one school may say it as code or word and mean the same.
STATE_NAMES = {
    "studying": "在读", "suspension": "休学", "withdrawn": "退学", "stopped": "停学", "returned": "复学", "drifted": "流失", "graduated": "毕业",
    "completed": "结业", "incomplete": "肄业", "transferred_out": "转出", "dead": "死亡", "expelled": "开除", "missing": "下落不明", "other": "其他",
}  # fmt: skip


def coded(text: str, codes: dict[str, str]) -> str | None:
    """The value of a cell in a code table; None where the text is in it neither as code, name nor 'code-name'."""
    form = unicodedata.normalize("NFKC", text).strip().lower()
    for candidate in _candidates(form):
        if candidate in codes:
            return codes[candidate]
    return None


def _candidates(form: str) -> list[str]:
    found = [form, form.replace(" ", ""), form.replace("(", "（").replace(")", "）")]
    if match := CODE_NAME.match(form):
        found += [match[2], match[1]]
    elif match := CODE_THEN_NAME.match(form):
        found.append(match[1])  # without a mark between them the words alone decide: '3月迁出' is no code 3
    if match := NAME_CODE.match(form):
        found += [match[1], match[2]]
    if form.endswith(".0"):
        found.append(form[:-2])
    return found
