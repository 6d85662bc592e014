#!/usr/bin/env python3
"""Measures what DLP finds: on a labelled file, and on made-up secrets and benign calls.

Prints a report, and keeps it with `--keep` as NAME.md and NAME.json. Baselines are predictions that
`baselines.py` wrote for the same file.
"""

import argparse
import datetime
import gzip
import json
import platform
import random
import subprocess
from pathlib import Path

import benign_calls
import made
import referee
import report
import secret_calls
from explain import answers, forwarded, guesses
from score import alarms_on_clean, by_entity, by_group, score, survivors, total

ROOT = Path(__file__).resolve().parents[2]


def labelled(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


def scores(gold, found, redacted, skipped):
    """Everything that is counted of one detector's predictions."""
    clean, alarmed, false = alarms_on_clean(gold, found)
    entities, groups = (score(gold, found, kind, skipped) for kind in (by_entity, by_group))
    counted = {
        "skipped_encodings": sorted(skipped),
        "entities": {entity: tally.row() for entity, tally in sorted(entities.items())},
        "all": total(entities).row(),
        "groups": {group: tally.row() for group, tally in sorted(groups.items())},
        "clean": {"messages": clean, "alarmed": alarmed, "by_entity": false},
    }
    if redacted is not None:
        could, do, broken = survivors(gold, redacted, skipped)
        counted["redaction"] = {"values": could, "survive": do, "invalid_json": broken}
    return counted


def measured(options, gold):
    """Our own predictions on the labelled file."""
    rules = options.data.with_name("custom_rules.json")
    rules = json.loads(rules.read_text()) if rules.exists() else []
    questions = [{"direction": m["direction"], "message": m["json"]} for m in gold]
    told, took = answers(options.varictl, questions, rules)
    ids = [message["id"] for message in gold]
    found = {one: guesses(answer) for one, answer in zip(ids, told)}
    redacted = {one: forwarded(answer) for one, answer in zip(ids, told)}
    size = sum(len(message["json"].encode()) for message in gold)
    return (
        found,
        redacted,
        {
            "rejected": sum(answer["decision"] == "reject" for answer in told),
            "cpu_ms_per_kb": round(1e6 * took / size, 4),
        },
    )


def on_file(options):
    gold = labelled(options.data)
    found, redacted, more = measured(options, gold)
    skipped = set(filter(None, options.skip_enc.split(",")))
    part = {"file": options.data.name, "messages": len(gold)}
    part["varistor"] = scores(gold, found, redacted, skipped) | more
    part["varistor_all_encodings"] = scores(gold, found, redacted, set())
    part["baselines"] = {}
    for path in options.baseline:
        said = json.loads(path.read_text())
        guessed = {one: list(map(tuple, pairs)) for one, pairs in said["found"].items()}
        about = {key: value for key, value in said.items() if key != "found"}
        part["baselines"][path.stem] = scores(gold, guessed, None, skipped) | about
    other = options.data.with_name("score.py")
    if other.exists():
        part["referee"] = referee.agree(other, gold, (found, redacted), skipped)
    return part


def on_made(options):
    rng = random.Random(f"secrets {options.seed}")
    table = made.secrets(options.varictl, list(secret_calls.calls(rng, options.each)))
    rng = random.Random(f"benign {options.seed}")
    benign = made.benign(options.varictl, list(benign_calls.calls(rng, options.count)))
    share = lambda **wanted: made.percent(table, **wanted)
    return {
        "seed": options.seed,
        "secrets": {
            "calls": sum(every for _, every in table.values()),
            "found_percent": share(),
            "by_parts": {parts: share(parts=parts) for parts in (1, 2, 3, 4)},
            "by_kind_and_encoding": {
                kind: {
                    encoding: share(kind=kind, encoding=encoding)
                    for encoding in secret_calls.ENCODINGS
                }
                for kind in secret_calls.KINDS
            },
        },
        "benign": benign,
    }


def commit():
    asked = subprocess.run(
        ["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True
    )
    return asked.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--varictl", type=Path, default=ROOT / "target/release/varictl")
    parser.add_argument("--data", type=Path, help="labelled messages, .jsonl or .jsonl.gz")
    parser.add_argument("--skip-enc", default="base64,adversarial", help="encodings not counted")
    parser.add_argument("--baseline", type=Path, action="append", default=[])
    parser.add_argument("--each", type=int, default=5, help="calls of a kind, encoding and split")
    parser.add_argument("--count", type=int, default=10_000, help="benign calls")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to keep the report, without extension")
    parser.add_argument("--alarms", type=Path, help="where to write examples of false alarms")
    options = parser.parse_args()
    whole = {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
        "made": on_made(options),
    }
    if options.data:
        whole["labelled"] = on_file(options)
    examples = whole["made"]["benign"].pop("examples")
    text = report.markdown(whole)
    print(text)
    if options.alarms:
        options.alarms.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n")
    if options.keep:
        options.keep.with_suffix(".md").write_text(text + "\n")
        kept = json.dumps(whole, indent=1, ensure_ascii=False)
        options.keep.with_suffix(".json").write_text(kept + "\n")


if __name__ == "__main__":
    main()
