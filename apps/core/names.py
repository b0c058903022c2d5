"""People's names: cleaning, comparing forms, readings.

Sources: GB 18030-2022 (characters incl. Ext-A/B and private use), GA/T 2000.146 (the middle dot of a name),
《通用规范汉字表》(variant and traditional forms).
"""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path


def _readings() -> dict[str, str]:
    """pypinyin's table code point -> readings, commonest first. Only that file is read: its package loads the dictionary of phrases,
    which costs every reading child 0.15 s and 30 MB."""
    package = importlib.util.find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ImportError("pypinyin")
    table: dict[str, str] = json.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    return table


PINYIN_DICT = _readings()
MIDDLE_DOT = "\u00b7"
DOTS = dict.fromkeys(map(ord, "・•．‧∙⋅●᛫゠·﹒｡"), MIDDLE_DOT)
NOT_A_NAME = frozenset(
    {"", "null", "none", "nan", "n/a", "#n/a", "无", "/", "\\", "-", "--", "—", "空", "不详", "未知", "姓名", "合计", "总计", "小计"}
)
LONGEST = 50
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U0003ffff]")
# Readings a surname has that differ from the character's commonest one.
SURNAME_READINGS = {
    "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "曾": "zeng", "区": "ou", "朴": "piao", "盖": "ge", "任": "ren", "华": "hua",
    "乐": "yue", "尉": "yu", "种": "chong", "覃": "qin", "冼": "xian", "缪": "miao", "宁": "ning", "翟": "zhai", "员": "yun", "召": "shao",
    "黑": "he", "秘": "bi", "燕": "yan", "车": "che", "纪": "ji", "万": "wan", "尹": "yin", "幸": "xing", "谌": "chen", "晁": "chao",
    "折": "she", "长": "zhang", "重": "chong", "令": "ling", "哈": "ha", "洗": "xian", "柏": "bai", "行": "xing", "六": "lu", "那": "na",
}  # fmt: skip
# Traditional and variant forms that old household books still carry -> the form of 《通用规范汉字表》.
VARIANT_PAIRS = """
張张 劉刘 陳陈 楊杨 趙赵 黃黄 吳吴 孫孙 馬马 羅罗 鄭郑 謝谢 韓韩 馮冯 葉叶 蔣蒋 餘余 蘇苏 盧卢 陸陆 賈贾 鄒邹 譚谭 範范 顧顾 鍾钟 湯汤 錢钱 龍龙 萬万 賴赖 嚴严 藍蓝 華华
偉伟 麗丽 強强 軍军 靜静 傑杰 豔艳 艶艳 濤涛 輝辉 剛刚 紅红 國国 慶庆 鳳凤 蓮莲 榮荣 貴贵 寶宝 銀银 連连 雲云 東东 興兴 發发 財财 學学 愛爱 蘭兰 嬌娇 婭娅 瓊琼 瑩莹 潔洁
筆笔 順顺 達达 遠远 進进 選选 運运 飛飞 鵬鹏 鴻鸿 鷹鹰 魚鱼 鮮鲜 齊齐 齡龄 蕭萧 閆闫 閻阎 聶聂 溫温 衛卫 倉仓 儀仪 億亿 優优 償偿 兒儿 內内 冊册 劍剑 勝胜 勞劳 勵励 務务
動动 勢势 區区 協协 單单 衝冲 準准 涼凉 減减 處处 備备 夢梦 奮奋 孃娘 姍姗 娛娱 婦妇 媽妈 寧宁 實实 審审 寫写 寬宽 層层 岡冈 島岛 崗岗 嶺岭 嶽岳 嵐岚 帥帅 師师 帶带 廣广
廟庙 應应 廬庐 彈弹 彥彦 徵征 從从 徹彻 恆恒 憶忆 懷怀 戀恋 戰战 戶户 掃扫 揚扬 換换 擁拥 擇择 據据 攜携 敵敌 數数 斕斓 無无 時时 晉晋 曉晓 暉晖 曆历 條条 來来 極极 構构
槍枪 樂乐 樓楼 標标 樣样 樹树 橋桥 機机 權权 歡欢 歐欧 歲岁 歷历 歸归 毀毁 氣气 漢汉 沖冲 況况 溝沟 滄沧 滅灭 滿满 澤泽 濟济 瀾澜 瀟潇 灣湾 烏乌 煒炜 煥焕 燁烨 爍烁 爾尔
牽牵 獎奖 獻献 玨珏 現现 瑤瑶 瑪玛 環环 璽玺 畫画 異异 當当 疊叠 盤盘 眾众 睜睁 碩硕 禎祯 禮礼 種种 稱称 穎颖 穩稳 窮穷 競竞 筍笋 節节 篤笃 簡简 籃篮 糧粮 純纯 紀纪 納纳
紋纹 紗纱 級级 紹绍 細细 終终 組组 結结 絲丝 綠绿 維维 綱纲 網网 綺绮 緒绪 緣缘 線线 編编 緹缇 縣县 總总 績绩 繡绣 繼继 續续 義义 習习 聖圣 聞闻 聯联 聰聪 肅肃 腳脚 膚肤
臨临 舉举 舊旧 舖铺 艦舰 艱艰 藝艺 蘆芦 蟬蝉 術术 裏里 製制 視视 親亲 覺觉 觀观 訓训 記记 許许 設设 評评 詞词 試试 詩诗 該该 詳详 誠诚 語语 說说 誼谊 請请 諾诺 謀谋 謙谦
講讲 證证 識识 譽誉 護护 讀读 變变 讓让 貝贝 貞贞 負负 貢贡 貫贯 買买 費费 賀贺 資资 賓宾 賜赐 賞赏 賢贤 質质 贏赢 趕赶 躍跃 車车 軒轩 軟软 輔辅 輕轻 輪轮 轉转 辦办 農农
遷迁 邁迈 還还 邊边 鄧邓 鄉乡 鄰邻 醫医 鈞钧 鈴铃 鈺钰 鉉铉 銘铭 銳锐 錄录 錦锦 錫锡 鍵键 鎖锁 鎮镇 鏡镜 鐘钟 鐵铁 鑒鉴 長长 門门 閃闪 閔闵 閣阁 閱阅 闊阔 關关 陽阳 陰阴
階阶 際际 隊队 隨随 雙双 雛雏 離离 難难 電电 靈灵 頁页 項项 須须 預预 頌颂 頓顿 領领 頡颉 頭头 頻频 題题 顏颜 願愿 顯显 風风 飄飘 養养 馳驰 駐驻 駿骏 騎骑 騰腾 驍骁 驕骄
驗验 體体 鬱郁 魯鲁 鮑鲍 鯤鲲 鳥鸟 鳴鸣 鶴鹤 麥麦 黨党 龐庞 龔龚 堃坤 喆哲 峯峰 溼湿 昇升 犇奔 崐昆 崑昆 崠东
"""
TRADITIONAL = {ord(pair[0]): pair[1] for pair in VARIANT_PAIRS.split()}
OLD_FORMS = frozenset(map(chr, TRADITIONAL))


def clean_name(text: str) -> str:
    """A name as it is stored: NFC, the middle dot U+00B7, no invisible signs, no padding spaces.

    Rare characters (Ext-A/B, private use) stay to the code point. Words that are no names ('无', 'null', '/') become ''.
    """
    if text.isalpha() and text.isprintable() and len(text) <= 4 and text.lower() not in NOT_A_NAME:
        return text if text.isascii() else unicodedata.normalize("NFC", text)  # nearly every row
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    text = text.translate(DOTS)
    text = re.sub(r"(?<=\w)\s*[.\u2022\u30fb]\s*(?=\w)", MIDDLE_DOT, text)
    text = re.sub(rf"\s*{MIDDLE_DOT}\s*", MIDDLE_DOT, text).strip(f" {MIDDLE_DOT}")
    if HAN.search(text):
        text = text.replace(" ", "")
    return "" if text.lower() in NOT_A_NAME else re.sub(r" {2,}", " ", text)


@lru_cache(maxsize=50_000)
def compare_key(name: str) -> str:
    """The form in which two spellings of one name are equal: simplified, without dots and spaces, lower case."""
    if name.isalpha() and OLD_FORMS.isdisjoint(name):
        return name.lower()  # nearly every name
    return name.translate(TRADITIONAL).replace(MIDDLE_DOT, "").replace(" ", "").lower()


TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿê", "aaaaeeeeiiiioooouuuuvvvvvnnnme")


@lru_cache(maxsize=30_000)
def syllable(char: str) -> str:
    """The commonest toneless reading of one character; the character itself where none is known."""
    readings = PINYIN_DICT.get(str(ord(char)), "")
    return readings.split(",")[0].translate(TONES).replace("\u0304", "").replace("\u0300", "") or char.lower()


def _heard(key: str) -> list[str]:
    return [SURNAME_READINGS.get(key[0]) or syllable(key[0]), *map(syllable, key[1:])] if key else []


@lru_cache(maxsize=50_000)
def syllables(name: str) -> tuple[str, ...]:
    """Toneless reading of each character of ``compare_key(name)``, the first one read as a surname."""
    return tuple(_heard(compare_key(name)))


def pinyin(name: str) -> str:
    """Toneless pinyin with spaces, for ordering: 'yang a niu'."""
    return " ".join(syllables(name))


def spelled(text: str) -> str:
    """The letters of a reading as somebody types it, 'yangxiaoming' out of 'Yáng Xiǎo-míng'; ü is v, in a passport yu. '' where it is no reading."""
    plain = unicodedata.normalize("NFC", text.lower()).translate(TONES)
    letters = re.sub(r"[\s'’·.-]", "", plain)
    return re.sub(r"^([ln])yu", r"\1v", letters) if letters.isascii() and letters.isalpha() else ""


def initials(name: str) -> str:
    """First letters of the readings, for searching: 'yan'."""
    return "".join(s[0] for s in syllables(name))


def sound_key(name: str) -> str:
    """Readings run together, equal for homophones: 'yanganiu'."""
    return "".join(syllables(name))


def readings(name: str) -> tuple[str, str, str, str]:
    """(compare key, sound key, pinyin, initials) of a clean name in one go."""
    key = compare_key(name)
    parts = _heard(key)
    return key, "".join(parts), " ".join(parts), "".join([part[0] for part in parts])
