"""The report for people, in Markdown."""


def table(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def markdown(whole):
    parts = [f"# {whole['date']}: what DLP finds\n\nCommit {whole['commit']}, {whole['machine']}."]
    if "labelled" in whole:
        parts.append(labelled(whole["labelled"]))
    parts.append(made(whole["made"]))
    return "\n\n".join(parts)


DEVELOPED = (
    "**The detectors were developed with this file at hand.** What they reach here says little "
    "about other data, and the baselines never saw it.\n"
)


def labelled(part):
    ours, others = part["varistor"], part["baselines"]
    skipped = ", ".join(ours["skipped_encodings"]) or "none"
    text = [
        f"## `{part['file']}`, {part['messages']} messages\n",
        "Recall and precision count values that overlap; exact F1 counts only equal ones. "
        f"Encodings left out: {skipped}.\n",
        *([DEVELOPED] if part["file"].startswith("dev.") else []),
        table(
            ["entity", "labels", "recall", "precision", "F1", "exact F1", *others],
            [entity(name, row, others) for name, row in ours["entities"].items()]
            + [entity("**all**", ours["all"], others)],
        ),
        "",
        table(
            ["group", "labels", "recall", "precision", "F1", "exact F1", *others],
            [group(name, row, others) for name, row in ours["groups"].items()],
        ),
    ]
    if others:
        text.append(
            "\nA baseline's column is its F1 (recall / precision), on the same labels; `-` "
            "where it finds none."
        )
    everything = part["varistor_all_encodings"]["all"]
    text += [
        "",
        f"- All encodings counted: recall {everything['recall']:.3f}, "
        f"precision {everything['precision']:.3f}.",
        clean("False alarms on clean messages", ours["clean"]),
        *[clean(f"The same of {name}", other["clean"]) for name, other in others.items()],
        "- Values that survive redaction: {survive} of {values}; "
        "invalid JSON after it: {invalid_json}.".format(**ours["redaction"]),
        f"- Messages that could not be read: {ours['rejected']}. "
        f"CPU: {ours['cpu_ms_per_kb']} ms a KB"
        + "".join(f", {name} {other['cpu_ms_per_kb']}" for name, other in others.items())
        + ".",
    ]
    text += [f"- {name}: {other['what']}" for name, other in others.items()]
    if "referee" in part:
        text.append(
            f"- Another scorer counts the same in {part['referee']['rows_that_agree']} rows."
        )
    return "\n".join(text)


def entity(name, row, others):
    rows = [
        other["all"] if name == "**all**" else other["entities"].get(name)
        for other in others.values()
    ]
    return line(name, row, rows)


def group(name, row, others):
    return line(name, row, [other["groups"].get(name) for other in others.values()])


def line(name, row, others):
    numbers = [f"{row[key]:.3f}" for key in ("recall", "precision", "f1", "exact_f1")]
    beside = [
        f"{other['f1']:.3f} ({other['recall']:.2f} / {other['precision']:.2f})"
        if other and other["met"]
        else "-"
        for other in others
    ]
    return [name, row["labels"], *numbers, *beside]


def clean(title, counted):
    false = ", ".join(f"{name} {count}" for name, count in sorted(counted["by_entity"].items()))
    return (
        f"- {title}: {counted['alarmed']} of {counted['messages']}{': ' + false if false else ''}."
    )


def made(part):
    secrets, benign = part["secrets"], part["benign"]
    cells = secrets["by_kind_and_encoding"]
    encodings = list(next(iter(cells.values())))
    split = ", ".join(f"{parts}: {share}" for parts, share in secrets["by_parts"].items())
    false = ", ".join(f"{name} {count}" for name, count in benign["by_entity"].items())
    return "\n".join([
        f"## Made-up calls (seed {part['seed']})\n",
        f"Secrets found, in percent of {secrets['calls']} calls, whole or split: "
        f"**{secrets['found_percent']}**. "
        f"By number of arguments: {split}.\n",
        table(["kind", *encodings], [[kind, *row.values()] for kind, row in cells.items()]),
        "",
        f"False alarms on {benign['calls']} benign calls: **{benign['per_10000']} in 10,000**"
        f"{' (' + false + ')' if false else ''}; refused: {benign['refused']}. "
        f"CPU: {benign['cpu_ms_per_kb']} ms a KB.",
    ])  # fmt: skip
