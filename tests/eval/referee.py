"""Holds our scorer to another one: both get the same predictions, and must count the same."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from score import alarms_on_clean, by_entity, by_group, score, survivors

ROW = re.compile(
    r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| [\d.]+ \| [\d.]+ \| ([\d.]+) \|"
)


def agree(script, gold, predictions, skipped):
    """How many rows of tables the other scorer's report has, all of which agree with ours. Ends the
    run when one does not."""
    theirs = ask(script, gold, predictions, skipped)
    found, redacted = predictions
    rows = 0
    for kind in (by_entity, by_group):
        for name, tally in score(gold, found, kind, skipped).items():
            ours = (tally.labels, tally.met, tally.wrong, tally.missed)
            heading = "by entity" if kind is by_entity else "by group"
            said = theirs[heading].pop(name, None)
            if said != ours:
                raise SystemExit(f"{script.name} counts {said} for {name} {heading}, we {ours}")
            rows += 1
    left = {heading: names for heading, names in theirs.items() if heading and names}
    if left:
        raise SystemExit(f"{script.name} counts what we do not: {left}")
    _, alarmed, _ = alarms_on_clean(gold, found)
    could, do, broken = survivors(gold, redacted, skipped)
    for line in (
        f"with any prediction: {alarmed} (",
        f"redaction: {do}/{could} gold",
        f"; {broken} messages",
    ):
        if line not in theirs[""]:
            raise SystemExit(f"{script.name} does not say `{line}`:\n{theirs['']}")
    return {"rows_that_agree": rows}


def ask(script, gold, predictions, skipped):
    """The other scorer's rows by heading and name, and under "" all that it printed."""
    found, redacted = predictions
    with tempfile.TemporaryDirectory() as place:
        labels, guesses = Path(place) / "gold", Path(place) / "guesses"
        labels.write_text("".join(json.dumps(message) + "\n" for message in gold))
        with guesses.open("w") as out:
            for one, pairs in found.items():
                preds = [{"entity": entity, "value": value} for entity, value in pairs]
                line = {"id": one, "preds": preds, "redacted": redacted[one]}
                out.write(json.dumps(line) + "\n")
        command = [sys.executable, script, labels, guesses, "--skip-enc", ",".join(sorted(skipped))]
        # Nothing of ours is written beside the other scorer.
        said = subprocess.run(
            command, capture_output=True, text=True, env={"PYTHONDONTWRITEBYTECODE": "1"}
        )
    if said.returncode:
        raise SystemExit(f"{script.name} failed:\n{said.stderr}")
    rows, heading = {"": said.stdout, "by entity": {}, "by group": {}}, ""
    for line in said.stdout.splitlines():
        if line.startswith("###"):
            heading = "by group" if "by group" in line else "by entity"
        elif row := ROW.match(line):
            rows[heading][row[1]] = tuple(map(int, row.groups()[1:5]))
    return rows
