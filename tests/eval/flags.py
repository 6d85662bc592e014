#!/usr/bin/env python3
"""Measures which definitions of tools are flagged: on texts of our own
(`shared/suspect/tests/data`), on a labelled file, and on real definitions.

A labelled line is `{"label": "malicious" | "benign", "family", "surface", "tool": {...}}`; what is
no definition (`tool_result`) is left out. A line of real definitions is the tool itself.
"""

import argparse
import collections
import datetime
import gzip
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"]


def lines(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as text:
        return [json.loads(line) for line in text]


def bare(tool):
    """The members of a definition, without what a data set keeps beside them."""
    return {name: tool[name] for name in MEMBERS if tool.get(name) is not None}


def labelled(path):
    rows = [row for row in lines(path) if row.get("surface") != "tool_result"]
    return [(row["label"], row.get("family", ""), bare(row["tool"])) for row in rows]


def honest(path):
    return [("benign", row.get("server") or row.get("package", ""), bare(row)) for row in lines(path)]


def our_texts():
    """Each text in the description of one tool, or where its row says."""
    found = []
    for table, label in [("poisoned", "malicious"), ("poisoned_held", "malicious"),
                         ("benign", "benign")]:  # fmt: skip
        rows = (ROOT / f"shared/suspect/tests/data/{table}.tsv").read_text().splitlines()
        for row in rows:
            if row.startswith("#"):
                continue
            style, place, text = row.split("\t", 2)
            text = text.replace("\\n", "\n")
            tool = {"name": "lookup_item", "description": "Looks up an item by its number."}
            properties = {"id": {"type": "string"}}
            if place.startswith("parameter:"):
                name = place.partition(":")[2]
                properties[name] = {"type": "string", "description": text}
            elif place in ("enum", "default"):
                properties["id"][place] = [text] if place == "enum" else text
            elif place in ("title", "name"):
                tool[place] = text
            elif place == "property":
                properties[text] = {"type": "string"}
            else:
                tool["description"] += " " + text
            tool["inputSchema"] = {"type": "object", "properties": properties}
            found.append((label, f"{table}: {style}", tool))
    return found


def answers(varictl, rows):
    asked = "\n".join(json.dumps(tool) for _, _, tool in rows)
    run = subprocess.run(
        [varictl, "tools", "flags"], check=False, input=asked, capture_output=True, text=True
    )
    told = [json.loads(line) for line in run.stdout.splitlines()]
    if run.returncode > 1 or len(told) != len(rows):
        raise SystemExit(f"varictl answered {len(told)} of {len(rows)}: {run.stderr}")
    return told


def report(title, rows, told):
    """The figures of one set, and lines to print."""
    families = collections.defaultdict(lambda: [0, 0])
    kinds = collections.Counter()
    alarms = []
    for (label, family, tool), answer in zip(rows, told):
        families[label, family][0] += answer["suspicious"]
        families[label, family][1] += 1
        if answer["suspicious"]:
            kinds.update({flag["kind"] for flag in answer["flags"]})
        if answer["suspicious"] and label == "benign":
            worst = max(answer["flags"], key=lambda flag: flag["confidence"])
            alarms.append(f"{family} {tool['name']}: {worst['kind']} {worst['excerpt'][:60]}")
    figures = {"kinds": dict(kinds.most_common())}
    print(f"== {title}")
    for label, name in [("malicious", "poisoned definitions"), ("benign", "honest definitions")]:
        flagged = sum(count for (kind, _), (count, _) in families.items() if kind == label)
        count = sum(count for (kind, _), (_, count) in families.items() if kind == label)
        if count:
            figures[label] = {"flagged": flagged, "of": count, "share": round(flagged / count, 4)}
            print(f"   {name:21} {flagged:5} of {count:5} flagged  {flagged / count:.4f}")
    for (label, family), (flagged, count) in sorted(families.items()):
        if label == "malicious":
            print(f"      {family:34} {flagged:3} of {count:3}")
    for alarm in alarms[:20]:
        print(f"      false alarm: {alarm}")
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--varictl", type=Path, required=True)
    options.add_argument("--data", type=Path, help="a labelled file, may be gzipped")
    options.add_argument("--honest", type=Path, help="real definitions, may be gzipped")
    options.add_argument("--keep", type=Path, help="directory for the figures")
    chosen = options.parse_args()
    sets = [("texts of our own", our_texts())]
    if chosen.data:
        sets.append((chosen.data.name, labelled(chosen.data)))
    if chosen.honest:
        sets.append((chosen.honest.name, honest(chosen.honest)))
    kept = {"date": datetime.date.today().isoformat()}
    for title, rows in sets:
        kept[title] = report(title, rows, answers(chosen.varictl, rows))
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
        (chosen.keep / "flags.json").write_text(json.dumps(kept, indent=1) + "\n")


main()
