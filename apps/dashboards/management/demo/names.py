"""Invented names as they occur in north-eastern Yunnan: Han, Yi, Hui, Miao, Dai, Buyi, Bai.

Surname weights follow the rough order of frequency in the region; no list of real people is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SURNAMES = (
    "李120 王95 张90 杨88 陈60 刘55 朱40 周38 赵36 黄34 罗32 吴28 何28 徐24 胡22 孙20 高18 林14 郭14 唐14 谢13 曾12 邓12 冯12 彭11 "
    "段11 吕10 严10 蒋10 崔9 付9 余9 钱8 沈8 宋8 田8 代8 龚7 卢7 范7 汤7 普6 肖6 夏6 侯6 董6 毕5 尹5 缪4 戚3 闫3 苏6 江5 叶5 "
    "柏3 桂3 晏3 施4 顾4 洪3 万3 邹3 贺3 石4 金3 解2 单2 仇1 查1 尚2 苟1 包2 雷3 常2 温2 庞2 欧阳1 上官1"
)
ETHNIC_SURNAMES = {
    "彝族": "李30 杨20 张15 王15 普12 禄10 安9 沙8 毕8 龙6 陇4 罗10 鲁6 阿4",
    "回族": "马60 锁14 撒8 虎6 纳8 保8 桂6 金5 张6 李6 赛2",
    "苗族": "杨30 张14 王14 龙14 熊12 陶10 侯8 韩6 李10 马6",
    "傣族": "刀20 岩10 玉8 李8 召4",
    "布依族": "罗14 王12 黄10 韦10 岑6 吴6",
    "白族": "杨20 李14 赵12 段12 张12 尹6 董6",
}
ETHNICITIES = (("汉族", 870), ("彝族", 60), ("回族", 38), ("苗族", 14), ("布依族", 8), ("傣族", 5), ("白族", 5))
MALE = "伟强军杰涛斌勇明超磊浩宇轩博文俊鑫志国建永成家子天泽瑞晨阳鹏飞龙云海东兴荣富贵发顺昌林波凯旭恒正德祥宏辉彬睿皓梓嘉辰铭佑洋权平华春"
FEMALE = "芳丽婷萍艳燕玲敏静红霞梅英兰琼蓉雪琴秀娟慧洁莉颖佳欣怡雨梦思诗语涵萱琪瑶璇妍雯倩蕊彤婉紫馨悦月晓春美莲凤仙珍翠云菊香若可依梓嘉宁"
COMMON = {"M": ["子轩", "浩宇", "宇航", "梓轩", "俊杰", "志强", "文杰", "宇轩", "浩然", "家豪"],
          "F": ["欣怡", "梓涵", "雨涵", "思雨", "佳怡", "梦婷", "雨欣", "诗涵", "梓萱", "佳慧"]}  # fmt: skip
RARE = ["龑", "㼆", "𠮷", "犇", "垚", "翀", "玥", "昪", "㛃", "𫖮", "懿", "彧", "囍"]
YI_CLANS = ["阿牛", "吉克", "沙马", "阿苏", "的日", "海来", "俄木", "勒格", "曲比"]
YI_GIVEN = {"M": ["木呷", "尔布", "拉黑", "伍各", "日火", "史布", "阿依木"], "F": ["阿依", "阿呷", "伍果", "阿支", "木果", "阿洛", "日作"]}
PHONE_HEADS = ("130", "135", "138", "139", "150", "151", "152", "158", "159", "182", "183", "187", "188", "198")
DAI_GIVEN = {"M": ["温", "罕", "三", "叫", "香宝"], "F": ["香", "罕", "应", "叫", "金", "香叶"]}


def weighted(text: str) -> tuple[list[str], list[int]]:
    """'李120 王95' as names and running totals (for Random.choices)."""
    words, totals, total = [], [], 0
    for word in text.split():
        name = word.rstrip("0123456789")
        total += int(word[len(name) :])
        words.append(name)
        totals.append(total)
    return words, totals


TABLES = {"汉族": weighted(SURNAMES), **{people: weighted(text) for people, text in ETHNIC_SURNAMES.items()}}


@dataclass(slots=True)
class Namer:
    """Draws names from one random stream."""

    rng: Random

    def ethnicity(self) -> str:
        """A people of the district, in rough proportion."""
        return self.rng.choices([name for name, _ in ETHNICITIES], weights=[weight for _, weight in ETHNICITIES])[0]

    def surname(self, ethnicity: str = "汉族") -> str:
        """A family name usual among that people."""
        words, totals = TABLES[ethnicity]
        return self.rng.choices(words, cum_weights=totals)[0]

    def given(self, sex: str) -> str:
        """One or two characters after the surname; fashionable pairs return often, so full names repeat."""
        rng = self.rng
        pool = MALE if sex == "M" else FEMALE
        dice = rng.random()
        if dice < 0.10:
            return rng.choice(COMMON[sex])
        if dice < 0.106:
            return rng.choice(["", rng.choice(pool)]) + rng.choice(RARE)
        if dice < 0.28:
            return rng.choice(pool)
        if dice < 0.31:
            return rng.choice(pool) * 2
        return rng.choice(pool) + rng.choice(pool)

    def full(self, surname: str, sex: str, ethnicity: str = "汉族") -> str:
        """A child's full name: some Yi families use clan·given, some Dai the honorific form; the rest Chinese names."""
        rng = self.rng
        if ethnicity == "彝族" and rng.random() < 0.3:
            return f"{rng.choice(YI_CLANS)}·{rng.choice(YI_GIVEN[sex])}"
        if ethnicity == "傣族" and rng.random() < 0.5:
            return ("岩" if sex == "M" else "玉") + rng.choice(DAI_GIVEN[sex])
        return surname + self.given(sex)

    def phone(self) -> str:
        """An invented mobile number."""
        rng = self.rng
        return rng.choice(PHONE_HEADS) + f"{rng.randrange(10**8):08d}"
