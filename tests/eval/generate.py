#!/usr/bin/env python3
"""Writes made-up tool calls, the same for the same seed, one JSON object a line:

generate.py secrets [--each 5] [--seed 1]      with a secret, labelled
generate.py benign [--count 10000] [--seed 1]  with nothing to find
"""

import argparse
import json
import random
import sys

import benign_calls
import secret_calls


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["secrets", "benign"])
    parser.add_argument("--each", type=int, default=5, help="calls of a kind, encoding and split")
    parser.add_argument("--count", type=int, default=10_000, help="benign calls")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(f"{options.what} {options.seed}")
    if options.what == "secrets":
        lines = secret_calls.calls(rng, options.each)
    else:
        lines = benign_calls.calls(rng, options.count)
    for line in lines:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
