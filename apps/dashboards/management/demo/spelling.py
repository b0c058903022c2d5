"""Ways in which a name or number is written wrongly: tables of sounds and shapes, and the slips of a typist."""

from __future__ import annotations

from random import Random

from apps.core.ids import check_digit
from apps.core.names import TRADITIONAL

# Equal or nearly equal sound in the local speech; any character may stand for another of its group.
SOUNDS = """
丽莉俐利 芳方 婷廷庭 伟玮炜 杰洁捷 萍平苹 明铭鸣 华花桦 军君均钧 艳燕雁 红宏鸿洪 静敬晶 文雯闻 志智治 佳家嘉 欣新鑫馨
雨宇语羽 梓紫子 涵晗函 轩萱宣 浩皓昊 怡宜仪 琪琦奇 玲铃灵 兰岚 诗思施 瑞睿蕊 晨辰陈 阳杨洋扬 林琳霖 英颖瑛 霞侠 娟绢
强墙 国果 建健剑 永勇咏 成城诚程 天添 飞菲 龙隆 海 东冬 兴星 荣蓉容 富福 贵桂 顺舜 昌常 波博 凯 旭 恒衡 正政郑 德得 祥翔
辉晖慧 彬斌 佑右 权全 春椿 美媚 莲连 凤奉 仙先 珍真 翠脆 云芸 菊 香湘 若 可 依伊 宁凝 梦孟 妍研 瑶遥 璇旋 李黎 张章 王汪
刘柳 付傅 余于 肖萧 闫严颜 代戴 罗骆 何和 徐许 谢解 曾增 邓登 蒋姜 沈申 宋送 龚巩 江姜 叶业 邹周 石时 安 禄陆 沙纱 普蒲
木牧 呷甲 依一 尔耳
"""
SHAPES = """
晨辰 未末 晴睛 怡恰 婷停 杨扬 萍苹 侯候 俊竣 洋祥 刘文 冉再 玉王 天夭 宇字 思恩 妍研 涵函 云去 代化 余佘 肖尚 付什 梓辛
浩洁 瑞端 颖颍 莉利 娟捐 琪棋 勇男 永水 杰木 磊石 建健 贵责 荣荥 海悔 东车 兴共 雪雷 琴琹 秀季 慧彗 轩轧 博搏 鑫金 泽择
阳阴 飞气 波坡 旭旮 恒桓 彬林 铭名 权杈 春舂 菊掬 若苦 可司 依衣
"""
OLD_FORMS: dict[str, list[str]] = {}
for _code, _new in TRADITIONAL.items():
    OLD_FORMS.setdefault(_new, []).append(chr(_code))
DOTS = ("・", "•", ".", "．", " ", "‧")


def _groups(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in text.split():
        for char in group:
            found[char] = found.get(char, "") + group.replace(char, "")
    return found


SOUND_OF, SHAPE_OF = _groups(SOUNDS), _groups(SHAPES)


def _replaced(name: str, table: dict[str, str] | dict[str, list[str]], rng: Random) -> str:
    spots = [position for position, char in enumerate(name) if table.get(char)]
    if not spots:
        return name
    given = [position for position in spots if position > 0] or spots  # a surname is rarely written wrongly
    spot = rng.choice(given if rng.random() < 0.85 else spots)
    return name[:spot] + rng.choice(table[name[spot]]) + name[spot + 1 :]


def homophone(name: str, rng: Random) -> str:
    """One character replaced by one that sounds the same; the name itself where no such character is known."""
    return _replaced(name, SOUND_OF, rng)


def look_alike(name: str, rng: Random) -> str:
    """One character replaced by one that looks like it."""
    return _replaced(name, SHAPE_OF, rng)


def old_form(name: str, rng: Random) -> str:
    """One character in its traditional or variant form."""
    return _replaced(name, OLD_FORMS, rng)


def other_dot(name: str, rng: Random) -> str:
    """The middle dot of a long name lost or typed as another sign."""
    return name.replace("·", rng.choice(("", *DOTS)))


def dropped(name: str, rng: Random) -> str:
    """A character of the given name left out (only from names of three and more)."""
    if len(name) < 3:
        return name
    spot = rng.randrange(1, len(name))
    return name[:spot] + name[spot + 1 :]


def swapped(name: str, rng: Random) -> str:
    """The last two characters in the wrong order."""
    return name[:-2] + name[-1] + name[-2] if len(name) >= 3 else name


def spaced(name: str, rng: Random) -> str:
    """Spaces to make a two-character name as wide as the others, or left behind it."""
    return rng.choice((f"{name[0]} {name[1:]}", f"{name[0]}　{name[1:]}", name + " ", " " + name))


def one_digit(number: str, rng: Random) -> str:
    """One digit typed wrongly; sometimes the check digit was 'mended' so that it fits again."""
    spot = rng.choice((3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 14, 15, 15, 16, 16, 17))
    if spot == 17:
        return number[:17] + rng.choice([d for d in "0123456789X" if d != number[17]])
    wrong = number[:spot] + rng.choice([d for d in "0123456789" if d != number[spot]]) + number[spot + 1 :]
    return wrong[:17] + check_digit(wrong[:17]) if rng.random() < 0.08 else wrong


def two_digits(number: str, rng: Random) -> str:
    """Two neighbouring unlike digits in the wrong order; the number itself where there are none."""
    spots = [position for position in range(6, 16) if number[position] != number[position + 1]]
    if not spots:
        return number
    spot = rng.choice(spots)
    return number[:spot] + number[spot + 1] + number[spot] + number[spot + 2 :]


def wide(number: str, rng: Random) -> str:
    """Full-width digits."""
    return "".join(chr(ord(char) + 0xFEE0) for char in number)


def gaps(number: str, rng: Random) -> str:
    """Spaces inside or around, a leading apostrophe."""
    return rng.choice((f"{number[:6]} {number[6:14]} {number[14:]}", " " + number, number + " ", "'" + number))


def other_birth(birth: str, rng: Random) -> str:
    """A birth date (YYYY-MM-DD) with day and month exchanged where that is a date, else one day, month or year off."""
    year, month, day = birth.split("-")
    if int(day) <= 12 and day != month and rng.random() < 0.6:
        return f"{year}-{day}-{month}"
    dice = rng.random()
    if dice < 0.4:
        return f"{year}-{month}-{rng.choice([d for d in range(1, 29) if d != int(day)]):02d}"
    if dice < 0.7 and int(day) <= 28:
        return f"{year}-{rng.choice([m for m in range(1, 13) if m != int(month)]):02d}-{day}"
    return f"{int(year) + rng.choice((-1, 1))}-{month}-{min(int(day), 28):02d}"
