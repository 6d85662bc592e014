"""Prints the medians and ranges of a comparison, and keeps the raw numbers when told where."""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("raw")
    parser.add_argument("--out")
    options = parser.parse_args()
    with open(options.raw, encoding="utf-8") as lines:
        runs = [json.loads(line) for line in lines]
    order = list(dict.fromkeys(run["gateway"] for run in runs))
    cpu = {name: [] for name in order}
    rate = {name: [] for name in order}
    for run in runs:
        assert run["errors"] == 0, f"{run['gateway']}: {run['errors']} wrong answers"
        cpu[run["gateway"]].append(sum(each["us_per_request"] for each in run["cpu"]))
        rate[run["gateway"]].append(run["requests_per_s"])
    lines = [f"{'':20} {'CPU us/call':>22}   {'of nginx':>16}   {'calls/s':>8}"]
    for name in order:
        if not any(cpu[name]):
            lines.append(f"{name:20} {'-':>22}   {'-':>16}   {statistics.median(rate[name]):8.0f}")
            continue
        low, mid, high = min(cpu[name]), statistics.median(cpu[name]), max(cpu[name])
        ratios = [own / other for own, other in zip(cpu[name], cpu["nginx"])]
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        lines.append(
            f"{name:20} {mid:8.1f} ({low:.1f}-{high:.1f})".ljust(43)
            + f"   {ratio:>16}   {statistics.median(rate[name]):8.0f}"
        )
    print("\n".join(lines))
    if options.out:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip()
        head = {
            "date": datetime.date.today().isoformat(),
            "commit": commit,
            "machine": f"{cpu_model()}, {os.cpu_count()} cores, Linux {platform.release()}",
            "rounds": len(cpu[order[0]]),
            "connections": runs[0]["connections"],
        }
        with open(options.out, "w", encoding="utf-8") as out:
            out.write(json.dumps({"run": head, "table": lines}, indent=1) + "\n")
            for run in runs:
                out.write(json.dumps(run) + "\n")


if __name__ == "__main__":
    main()
