"""Prints CPU per call of each gateway and its ratio to one of them: medians and ranges over rounds.

Reads what `varistor-bench compare --out` wrote. A ratio is taken within a round.
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
    cost = {}
    with open(options.raw, encoding="utf-8") as lines:
        next(lines)  # about the run
        for line in lines:
            row = json.loads(line)
            if row["cpu_per_call"]["total_us"] > 0:
                rounds = cost.setdefault(row["connections"], {}).setdefault(row["gateway"], {})
                rounds[row["round"]] = row["cpu_per_call"]["total_us"]
    for connections, gateways in cost.items():
        title = f"{connections} connection" + ("s" if connections > 1 else "")
        print(f"{title:24} {'CPU us/call':>28}   {'of ' + options.base:>26}")
        base = gateways[options.base]
        for name, own in gateways.items():
            ratios = [own[number] / base[number] for number in base]
            print(f"{name:24} {spread(own.values(), 1):>28}   {spread(ratios, 1):>26}")


if __name__ == "__main__":
    main()
