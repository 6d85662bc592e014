"""Runs `varictl explain --dlp-only --show-values` over messages, with a policy of its own."""

import json
import resource
import subprocess
import tempfile
from pathlib import Path

POLICY = """\
listen: 127.0.0.1:7332
servers:
  any: {{ url: "http://127.0.0.1:8080/mcp" }}
dlp:
  request: {{ secrets: redact, financial: redact, pii: redact }}
  response: {{ secrets: redact, financial: redact, pii: redact }}
  custom: {custom}
"""


def answers(varictl, questions, rules=()):
    """The answer to each question (an object with `message` as text, and perhaps `direction`), and
    the seconds of CPU that they took together, without those of starting. `rules` are patterns of
    the operator."""
    custom = [{"name": r["name"], "pattern": r["regex"], "action": "redact"} for r in rules]
    with tempfile.TemporaryDirectory() as place:
        policy = Path(place) / "varistor"
        subprocess.run([varictl, "init", policy], check=True, stdout=subprocess.DEVNULL)
        (policy / "varistor.yaml").write_text(POLICY.format(custom=json.dumps(custom)))
        asked, told = Path(place) / "asked", Path(place) / "told"
        with asked.open("w") as out:
            for question in questions:
                wanted = {k: question[k] for k in ("direction", "message") if k in question}
                out.write(json.dumps(wanted) + "\n")
        command = [varictl, "explain", "--dlp-only", "--show-values", "--dir", policy]
        seconds = [cpu_s()]
        for source in (Path("/dev/null"), asked):
            with source.open() as lines, told.open("w") as sink:
                subprocess.run(command, check=True, stdin=lines, stdout=sink)
            seconds.append(cpu_s())
        start, whole = seconds[1] - seconds[0], seconds[2] - seconds[1]
        took = max(0.0, whole - start)
        lines = told.read_text().split("\n")[:-1]
    if len(lines) != len(questions):
        raise SystemExit(f"varictl answered {len(lines)} of {len(questions)} messages")
    return [json.loads(line) for line in lines], took


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def entity(finding):
    """The entity as labels name it: the broader kind, where there is one."""
    return (finding.get("parent") or finding["entity"]).upper()


def guesses(answer):
    """What was found in a message, as (entity, value)."""
    return [(entity(finding), finding["value"]) for finding in answer["findings"]]


def forwarded(answer):
    """The message that goes on, as text; `None` when none does. A string is what is no JSON."""
    forward = answer["forward"]
    return forward if forward is None or isinstance(forward, str) else json.dumps(forward)
