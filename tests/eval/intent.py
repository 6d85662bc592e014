#!/usr/bin/env python3
"""Measures how calls are classified: on calls of our own (`shared/intent/tests/data`: `calls.tsv` by
name and description, `servers.jsonl` by whole definitions), and on a labelled file. Prints the
confusion matrix and what is wrong most gravely.

A labelled line is `{"id", "server", "tool": {"name", "description", "inputSchema", ...},
"arguments", "label", "alt": [...], "tags": [...]}`; a guess in `alt` counts as right.
"""

import argparse
import collections
import datetime
import gzip
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["read", "write", "destructive", "exfiltrative"]


def labelled(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


def declared(given):
    """A schema that declares what is given, and no more of it than names and types."""
    if isinstance(given, dict):
        properties = {name: declared(value) for name, value in given.items()}
        return {"type": "object", "properties": properties}
    if isinstance(given, list):
        return {"type": "array", "items": declared(given[0]) if given else None}
    if isinstance(given, bool):
        return {"type": "boolean"}
    return {"type": "number" if isinstance(given, int | float) else "string"}


def our_calls():
    rows = (ROOT / "shared/intent/tests/data/calls.tsv").read_text().splitlines()
    calls = []
    for number, row in enumerate(rows):
        if not row.strip() or row.startswith("#"):
            continue
        label, name, description, arguments = row.split("\t")[:4]
        arguments = json.loads(arguments or "{}")
        calls.append({
            "id": f"own-{number + 1}",
            "tool": {"name": name, "description": description, "inputSchema": declared(arguments)},
            "arguments": arguments,
            "label": label.split("|")[0],
            "alt": label.split("|")[1:],
        })
    return calls


def calls_of_our_servers():
    """A line is a tool with its definition and its calls."""
    calls = []
    for line in (ROOT / "shared/intent/tests/data/servers.jsonl").read_text().splitlines():
        row = json.loads(line)
        for number, call in enumerate(row["calls"]):
            name = f"{row['server']}/{row['tool']['name']}-{number + 1}"
            calls.append({"id": name, "tool": row["tool"], **call})
    return calls


def answers(varictl, calls):
    """What explain says of each call; each stands alone, with a server of its own."""
    with tempfile.TemporaryDirectory() as place:
        tools, asked = Path(place) / "tools.json", Path(place) / "asked"
        with tools.open("w") as definitions, asked.open("w") as lines:
            for number, call in enumerate(calls):
                server = f"s{number}"
                tool = {key: value for key, value in call["tool"].items() if value is not None}
                definitions.write(json.dumps({**tool, "server": server}) + "\n")
                params = {"name": tool["name"], "arguments": call["arguments"]}
                message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
                lines.write(json.dumps({"server": server, "message": message}) + "\n")
        command = [varictl, "explain", "--intent-only", "--tools", tools]
        with asked.open() as lines:
            run = subprocess.run(command, check=True, stdin=lines, capture_output=True, text=True)
    told = [json.loads(line) for line in run.stdout.splitlines()]
    if len(told) != len(calls):
        raise SystemExit(f"varictl answered {len(told)} of {len(calls)} calls")
    return [answer["intent"] for answer in told]


def report(title, calls, told):
    """The figures of one set, and lines to print."""
    matrix = collections.Counter()
    wrong, tags = [], collections.defaultdict(lambda: [0, 0])
    strict = severe = over = 0
    for call, intent in zip(calls, told):
        label, guess, others = call["label"], intent["type"], call.get("alt", [])
        right = guess == label or guess in others
        strict += guess == label
        matrix[label, label if right else guess] += 1
        grave = label in CLASSES[2:] and "read" not in others
        severe += grave and guess == "read"
        over += label == "read" and not others and guess in CLASSES[2:]
        for tag in call.get("tags", []):
            tags[tag][0] += right
            tags[tag][1] += 1
        if not right:
            wrong.append((call, intent))
    scores = {}
    for one in CLASSES:
        hits = matrix[one, one]
        guessed = sum(matrix[label, one] for label in CLASSES)
        there = sum(matrix[one, guess] for guess in CLASSES)
        precision, recall = hits / max(1, guessed), hits / max(1, there)
        scores[one] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    macro = sum(score[2] for score in scores.values()) / len(CLASSES)
    lines = [f"## {title}: {len(calls)} calls", "",
             f"macro-F1 {macro:.3f}, {strict / max(1, len(calls)):.3f} exactly as labelled, "
             f"{severe} destructive or exfiltrative called read, {over} reads called grave", "",
             "| label | " + " | ".join(CLASSES) + " | precision | recall | F1 |",
             "|---|" + "---:|" * (len(CLASSES) + 3)]
    for label in CLASSES:
        cells = " | ".join(str(matrix[label, guess]) for guess in CLASSES)
        figures = " | ".join(f"{figure:.3f}" for figure in scores[label])
        lines.append(f"| {label} | {cells} | {figures} |")
    if tags:
        shown = (f"{tag} {right}/{all_of}" for tag, (right, all_of) in sorted(tags.items()))
        lines += ["", "Right by tag: " + ", ".join(shown)]
    figures = {"macro_f1": macro, "severe": severe, "over": over, "calls": len(calls)}
    return figures, lines, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varictl", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="labelled calls, JSON Lines, also gzipped")
    parser.add_argument("--wrong", action="store_true", help="show what is wrong")
    parser.add_argument("--keep", type=Path, help="keep the report as NAME.md")
    parser.add_argument("--gate", action="store_true", help="fail below the promised figures")
    options = parser.parse_args()
    sets = [
        ("Calls of our own", our_calls()),
        ("Calls of our own, whole definitions", calls_of_our_servers()),
    ]
    if options.data:
        sets.append((options.data.name, labelled(options.data)))
    text = [f"# Intent, {datetime.date.today()}", ""]
    passed = True
    for title, calls in sets:
        figures, lines, wrong = report(title, calls, answers(options.varictl, calls))
        text += lines + [""]
        passed &= figures["macro_f1"] >= 0.95 and figures["severe"] == 0
        if options.wrong:
            for call, intent in wrong:
                arguments = json.dumps(call["arguments"])[:160]
                text.append(f"- {call['id']} {call['label']} -> {intent['type']} "
                            f"{intent['confidence']} {intent['evidence']} "
                            f"{call['tool']['name']} {arguments}")
    print("\n".join(text))
    if options.keep:
        options.keep.with_suffix(".md").write_text("\n".join(text))
    if options.gate and not passed:
        raise SystemExit("below what is promised")


if __name__ == "__main__":
    main()
