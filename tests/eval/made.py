"""What is found of made-up secrets, by kind and encoding, and what benign calls are taken for."""

from collections import Counter, defaultdict

from explain import answers, entity, forwarded
from score import strings


def at(path, places):
    """Whether a place of the message is, or is in, one of the labelled ones."""
    return any(path == place or path.startswith(place + "/") for place in places)


def is_found(case, answer):
    """A secret was found where this one stands, and what goes on does not hold all of it."""
    hit = any(
        finding["class"] == "secret" and at(finding["path"], case["places"])
        for finding in answer["findings"]
    )
    return hit and not is_left(case, answer)


def is_left(case, answer):
    """Whether the text that carries the secret goes on whole."""
    forward = answer["forward"]
    if forward is None:
        return False
    standing = [forward] if isinstance(forward, str) else list(strings(forward))
    return all(any(part in text for text in standing) for part in case["places"].values())


def secrets(varictl, cases):
    """Counts of (found, all) by kind, encoding and number of pieces."""
    told, _ = answers(varictl, cases)
    table = defaultdict(lambda: [0, 0])
    for case, answer in zip(cases, told):
        cell = table[case["kind"], case["encoding"], case["parts"]]
        cell[0] += is_found(case, answer)
        cell[1] += 1
    return table


def percent(table, **wanted):
    """The share of found ones among those with this kind, encoding, number of pieces."""
    names = ("kind", "encoding", "parts")
    found = every = 0
    for key, (met, count) in table.items():
        row = dict(zip(names, key))
        if all(row[name] == value for name, value in wanted.items()):
            found, every = found + met, every + count
    return round(100 * found / every, 1) if every else None


def benign(varictl, calls):
    """False alarms: calls with any, findings by entity, messages that changed or were refused."""
    told, took = answers(varictl, calls)
    alarmed = [(call, answer) for call, answer in zip(calls, told) if answer["findings"]]
    entities = Counter(entity(f) for _, answer in alarmed for f in answer["findings"])
    refused = sum(forwarded(answer) is None for answer in told)
    size = sum(len(call["message"].encode()) for call in calls)
    return {
        "calls": len(calls),
        "alarmed": len(alarmed),
        "per_10000": round(10_000 * len(alarmed) / len(calls), 1),
        "by_entity": dict(entities.most_common()),
        "refused": refused,
        "cpu_ms_per_kb": round(1e6 * took / size, 4),
        "examples": [
            {"entity": f["entity"], "path": f["path"], "value": f["value"]}
            for _, answer in alarmed[:20]
            for f in answer["findings"][:1]
        ],
    }
