"""Characters mistaken for each other on paper or in an input method's list, as they occur in names (our own list)."""

from __future__ import annotations

from itertools import combinations
from typing import Final

# Each word is a set of characters that look alike.
GROUPS: Final = """
未末 己已巳 土士 日曰 晓哓骁饶 梅悔莓 静净靖 佳住 婷停亭 娟绢涓捐 颖颍 萍苹坪评 杨扬汤 张涨 王玉主 玲铃珍伶 岩岸 芝艺 茹茄 莉利俐 丽俪 莹营萤 芳芬 雪雷 元无 大太犬 天夭夫
于干千 刀力 陈阵 阮院 徐除涂 胡湖 林材 何河柯 梁粱 郑部 谢射 唐庚 薰董 萧箫 程裎 曹曾 袁哀 傅博 沈沉 吕侣 彭膨 蒋将 贾货 余佘 潘播 杜社 戴载 田由甲申 汪江 任仕 范苑 方万
石右 姚桃 谭潭 廖寥 金全 陆陕 崔雀 毛手 邱邸 秦泰 侯候 邵绍 孟盂 尹伊 易昜 常裳 斌武 赖懒 欣昕 怡恰 彤彬 浩皓 洁浩 宇字 俊峻骏 凯铠恺 鑫淼森 磊垒 昊吴旲 昱煜 晨晟 昌晶
星垦 智志 惠慧 恩思 择泽 清情晴睛 瑞端 瑶遥 瑜渝愉 琪淇棋琦 琳林 璇漩旋 璐路 嘉喜 梓锌 桐铜 楠南 栋拣 秀季 秋秧 春舂 香杳 蓉容 薇微 蕾雷 绮绚 婉碗 娜哪 媛缓 妍研
姗珊 妤好 子予 宏宠 宸寰 家冢 富福 小少 峰锋烽 巧功 平半 年午 健建键 强弦 彦颜 恒桓 悦说 成戌 振震 敏梅 新析 旺汪 明朋 昭照 朗郎 涵函 淑椒 源原 滔韬 焕涣 璟景 牛午
真直 硕项 祥详 科料 绍召 群郡 翔祥 翠萃 艮良 蓝篮 诗待 豪毫 贝见 贵责 辉晖 锦绵 锐税 雅稚 鸣呜 麟鳞 伟纬玮炜 体休 佑佐 先光 冰水 刚钢 哲誓 咏泳 圆园 妮尼 姣娇 婵蝉
孝考 李季 帆凡 延廷 弟第 怀杯 慕暮 戈弋 承丞 月用 木本 沁泌 沙纱 洋祥 治冶 治怡 冷泠 永水 阿啊 依衣 拉位 木术 呷岬 尔耳 嫫摸 曲由 杰烋 苏芳 罗萝 兰蓝 云芸 红江 勇男
"""


def _pairs(words: str) -> frozenset[str]:
    found: set[str] = set()
    for group in words.split():
        for one, other in combinations(group, 2):
            found.add(one + other)
            found.add(other + one)
    return frozenset(found)


def _chosen(words: str) -> dict[int, str]:
    """Character -> the one that stands for it in a blocking key (the first group it is in decides)."""
    chosen: dict[int, str] = {}
    for group in words.split():
        first = chosen.get(ord(group[0]), group[0])
        for char in group:
            chosen.setdefault(ord(char), first)
    return chosen


PAIRS: Final = _pairs(GROUPS)
REPRESENTATIVE: Final = _chosen(GROUPS)


def look_alike(one: str, other: str) -> bool:
    """Whether two single characters are easily mistaken for each other; symmetric."""
    return one + other in PAIRS
