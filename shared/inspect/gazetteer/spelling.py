"""How a name is spelt: lower case, parts, forms without marks, Cyrillic and Greek in Latin."""

import re
import unicodedata

# Letters that no decomposition turns into ASCII.
LETTERS = {
    "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "ı": "i", "ə": "e", "ŋ": "n", "ħ": "h", "ĸ": "k", "ŧ": "t",
}
# How German and Danish write their letters where there are none.
PAIRS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
CYRILLIC = dict(zip(
    "абвгдезийклмнопрстуфцъыэіґ",
    "a b v g d e z i y k l m n o p r s t u f ts  y e i g".split(" "),
)) | {
    "ё": "e", "ж": "zh", "х": "kh", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "yu",
    "я": "ya", "є": "ye", "ї": "yi", "ј": "j", "љ": "lj", "њ": "nj", "ќ": "kj", "ѓ": "gj",
    "џ": "dz", "ѕ": "dz", "ў": "u", "'": "",
}
GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
BYTES_MAX = 32
# The syllables of Hanyu Pinyin, by initials that share their finals.
SYLLABLE = (
    "(?:[bpm](?:a|o|ai|ei|ao|an|en|ang|eng|i|iao|ie|ian|in|ing|u)|f(?:a|o|ei|ou|an|en|ang|eng|u)|"
    "[dt](?:a|e|ai|ao|ou|an|ang|eng|ong|i|iao|ie|ian|ing|u|uo|ui|uan|un)|"
    "[nl](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|i|ia|iao|ie|iu|ian|in|iang|ing|u|uo|uan|un|ue)|"
    "(?:[gkh]|zh|ch|sh)(?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)|"
    "(?:[zcsr]|zh|ch|sh)(?:i|e|u|ai|ao|ou|an|en|ang|eng|ong|uo|ui|uan|un)|"
    "[jqx](?:i|ia|iao|ie|iu|ian|in|iang|ing|iong|u|ue|uan|un)|"
    "y(?:a|ao|e|ou|an|in|ang|ing|ong|i|u|ue|uan|un)|w(?:a|o|ai|ei|an|en|ang|eng|u)|"
    "ai|an|ang|ao|en|er|ou)"
)
PINYIN = re.compile(SYLLABLE + "{2}")


def plain(text):
    """Lower case, composed, with one kind of apostrophe and hyphen."""
    text = unicodedata.normalize("NFC", text.lower().replace("\u0307", ""))
    return re.sub("[\u2018\u2019\u02bc\u00b4`]", "'", text).replace("\u2010", "-")


def is_latin(word):
    return all(letter in "'-" or "LATIN" in unicodedata.name(letter, "") for letter in word)


def is_word(word):
    """Whether the scanner would read it as one word: Latin letters, 2 to 32 bytes."""
    return (
        1 < len(word) and len(word.encode()) <= BYTES_MAX
        and WORD.fullmatch(word) is not None and is_latin(word)
    )


def tokens(text):
    """The words of a name in lower case, those of Cyrillic and Greek in Latin letters."""
    return [word for word in map(latin, WORD.findall(plain(text))) if word]


def is_pinyin(word):
    """Whether it can be a Chinese given name of two syllables."""
    return PINYIN.fullmatch(word) is not None


def latin(word):
    """A word in Latin letters, empty when nothing here can write it so."""
    if is_latin(word):
        return word
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", word)
        if unicodedata.category(letter) != "Mn"
    ) if any("GREEK" in unicodedata.name(letter, "") for letter in word) else word
    if all(letter in GREEK for letter in bare):
        text = "".join(GREEK[letter] for letter in bare)
        for greek, english in (("oy", "ou"), ("ay", "av"), ("ey", "ev"), ("gg", "ng")):
            text = text.replace(greek, english)
        return text
    if all(letter in CYRILLIC or letter == "-" for letter in bare):
        text = "".join(CYRILLIC.get(letter, letter) for letter in bare)
        # -ий and -ый end as -y.
        return re.sub("(iy|yy)$", "y", text)
    return ""


def folded(word):
    """Without any mark, in ASCII where that is possible."""
    parts = unicodedata.normalize("NFD", word)
    bare = "".join(letter for letter in parts if unicodedata.category(letter) != "Mn")
    return "".join(LETTERS.get(letter, letter) for letter in bare)


def forms(word):
    """The spellings under which a word is met: as it is, folded, and with `ae` for `ä`."""
    found = [word, folded(word)]
    if any(letter in PAIRS for letter in word):
        found.append(folded("".join(PAIRS.get(letter, letter) for letter in word)))
    return list(dict.fromkeys(found))
