"""Prints CPU per call of each gateway and its ratio to one of them: medians and ranges over rounds.

Reads reports of the load generator, one a line, each with the gateway's name. The gateways take
turns, so that the n-th reports of two of them are one round. Refuses runs with wrong answers.
"""

import argparse
import json
import statistics


def spread(values, digits):
    """The median, with the range behind it."""
    low, mid, high = min(values), statistics.median(values), max(values)
    return f"{mid:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def main():
    """See the top."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True, help="the gateway that others are compared with")
    parser.add_argument("raw", help="JSON Lines")
    options = parser.parse_args()
    cpu, rate = {}, {}
    with open(options.raw, encoding="utf-8") as lines:
        for line in lines:
            run = json.loads(line)
            if run["errors"]:
                raise SystemExit(f"ratio.py: {run['gateway']}: {run['errors']} wrong answers")
            per_call = sum(process["us_per_request"] for process in run["cpu"])
            cpu.setdefault(run["gateway"], []).append(per_call)
            rate.setdefault(run["gateway"], []).append(run["requests_per_s"])
    base = cpu[options.base]
    print(f"{'':24} {'CPU us/call':>28}   {'of ' + options.base:>22}   {'calls/s':>9}")
    for name, own in cpu.items():
        ratios = [mine / other for mine, other in zip(own, base, strict=True)]
        median = statistics.median(rate[name])
        print(f"{name:24} {spread(own, 1):>28}   {spread(ratios, 2):>22}   {median:9.1f}")


if __name__ == "__main__":
    main()
