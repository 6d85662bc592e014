"""Compares what was found with what was there, message by message.

Both sides are sets of (entity, value) for each message. A value is met exactly when it is the same
after trimming, and by overlap when one holds the other and the shorter is long enough (`SHARE`).
Optional values, and those in encodings that are left out, neither count nor do guesses at them.
A guess inside a value of another entity that was met as well is no false alarm.
"""

import json
import re
from collections import defaultdict

GROUPS = {
    "PII": ["EMAIL", "PHONE", "SSN"],
    "FINANCIAL": ["CREDIT_CARD", "IBAN", "US_BANK", "US_ROUTING"],
    "NAMES": ["PERSON", "ADDRESS"],
    "CUSTOM": ["CUSTOM_EMPLOYEE_ID", "CUSTOM_PROJECT_CODE", "CUSTOM_MRN"],
    "SECRET": [
        "AWS_KEY", "AWS_SECRET", "GITHUB_TOKEN", "GITLAB_TOKEN", "SLACK_TOKEN", "SLACK_WEBHOOK",
        "STRIPE_KEY", "GOOGLE_API_KEY", "OPENAI_KEY", "ANTHROPIC_KEY", "TWILIO_KEY",
        "SENDGRID_KEY", "NPM_TOKEN", "PYPI_TOKEN", "HF_TOKEN", "DIGITALOCEAN_TOKEN",
        "SHOPIFY_TOKEN", "AZURE_STORAGE_KEY", "JWT", "PRIVATE_KEY", "PASSWORD",
        "CONNECTION_STRING", "GENERIC_API_KEY", "SECRET",
    ],
}  # fmt: skip
GROUP_OF = {entity: group for group, entities in GROUPS.items() for entity in entities}
# Labelled, and not counted.
UNCOUNTED = {"DOB"}
# How much of the longer value the shorter must be.
SHARE = defaultdict(lambda: 0.5, ADDRESS=0.4, PRIVATE_KEY=0.0)
# One part of these is enough when it has 8 characters.
PART_IS_ENOUGH = {"CONNECTION_STRING", "SLACK_WEBHOOK"}
ENDS = " \"'`.,;:<>()[]"


def trimmed(value):
    """The value as it is compared: one blank for many, no punctuation at its ends, no case."""
    return re.sub(r"\s+", " ", value).strip(ENDS).casefold()


def touches(label, guess):
    """Whether one of two trimmed values holds the other."""
    return bool(guess) and (label in guess or guess in label)


def match(entity, label, guess):
    """2 when the trimmed values are the same, 1 when they overlap enough, else 0."""
    if not guess:
        return 0
    if label == guess:
        return 2
    if not touches(label, guess):
        return 0
    if entity in PART_IS_ENOUGH and len(guess) >= 8:
        return 1
    shorter, longer = sorted((len(label), len(guess)))
    return int(shorter >= SHARE[entity] * longer)


class Tally:
    """How often an entity was met, guessed wrongly and missed."""

    def __init__(self):
        self.exact = self.met = self.wrong = self.missed = 0

    def add(self, other):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def labels(self):
        return self.met + self.missed

    @property
    def precision(self):
        return ratio(self.met, self.met + self.wrong)

    @property
    def recall(self):
        return ratio(self.met, self.labels)

    @property
    def f1(self):
        return harmonic(self.precision, self.recall)

    @property
    def exact_f1(self):
        precision = ratio(self.exact, self.met + self.wrong)
        return harmonic(precision, ratio(self.exact, self.labels))

    def row(self):
        names = ["labels", "met", "wrong", "missed", "precision", "recall", "f1", "exact_f1"]
        return {name: round(getattr(self, name), 4) for name in names}


def ratio(part, whole):
    return part / whole if whole else 0.0


def harmonic(left, right):
    return ratio(2 * left * right, left + right)


def by_entity(entity):
    return entity


def by_group(entity):
    return GROUP_OF.get(entity, "OTHER")


def score(gold, found, kind=by_entity, skipped=()):
    """Tallies by kind. `gold` are labelled messages; `found` maps ids to (entity, value) pairs."""
    tallies = defaultdict(Tally)
    for message in gold:
        guesses = [(e, trimmed(v)) for e, v in dict.fromkeys(found.get(message["id"], ()))]
        counted, ignored = [], []
        for span in message["spans"]:
            left_out = (
                span.get("optional") or span.get("enc") in skipped or span["entity"] in UNCOUNTED
            )
            (ignored if left_out else counted).append((span["entity"], trimmed(span["value"])))
        one(tallies, (counted, ignored), guesses, kind)
    return tallies


def one(tallies, labels, guesses, kind):
    """Adds one message to the tallies."""
    counted, ignored = labels
    met, explained = [], set()
    for entity, value in counted:
        tally = tallies[kind(entity)]
        alike = [(i, v) for i, (e, v) in enumerate(guesses) if kind(e) == kind(entity)]
        best = max((match(entity, value, v) for _, v in alike), default=0)
        tally.exact += best == 2
        tally.met += best > 0
        tally.missed += best == 0
        if best:
            met.append(value)
        explained.update(i for i, v in alike if touches(value, v))
    for index, (entity, value) in enumerate(guesses):
        beside = any(touches(label, value) for _, label in ignored)
        inside = any(value in label for label in met)
        if not (index in explained or beside or inside or entity in UNCOUNTED):
            tallies[kind(entity)].wrong += 1


def total(tallies):
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    return whole


def strings(value, depth=4):
    """Every string of a JSON value, keys and numbers too, and those of JSON texts in strings."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from strings(member, depth)
    elif isinstance(value, list):
        for member in value:
            yield from strings(member, depth)
    elif isinstance(value, str):
        yield value
        if depth and value.strip()[:1] in ("{", "[", '"'):
            try:
                inner = json.loads(value)
            except ValueError:
                return
            if isinstance(inner, (dict, list, str)):
                yield from strings(inner, depth - 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield json.dumps(value)


def survivors(gold, redacted, skipped=()):
    """How many values could stand in the redacted messages, how many do, and how many of the
    messages are no JSON. `redacted` maps an id to a text."""
    could = do = broken = 0
    for message in gold:
        text = redacted.get(message["id"])
        if text is None:
            continue
        try:
            shown = "\n".join(strings(json.loads(text)))
        except ValueError:
            shown, broken = text, broken + 1
        for span in message["spans"]:
            encoding = span.get("enc")
            if span.get("optional") or encoding in skipped or encoding == "base64":
                continue
            could += 1
            do += span["value"] in shown
    return could, do, broken


def alarms_on_clean(gold, found):
    """How many messages hold nothing, and how many guesses of each entity there are in them."""
    clean = [message for message in gold if not message["spans"]]
    guesses = defaultdict(int)
    alarmed = 0
    for message in clean:
        pairs = dict.fromkeys(found.get(message["id"], ()))
        alarmed += bool(pairs)
        for entity, _ in pairs:
            guesses[entity] += 1
    return len(clean), alarmed, dict(guesses)
