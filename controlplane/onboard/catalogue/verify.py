#!/usr/bin/env python3
"""Checks that every package of the catalogue is published, in the version that it names.

    verify.py LIST...

Each LIST is a file with the names of a registry's packages, one a line, with its newest version
behind a tab: `npm.tsv` and `pypi.tsv`. Asks no registry itself, so that nobody scans one with it.
Prints a line for each package; exit status 1: one is not there.
"""

import json
import pathlib
import re
import sys


def names(path):
    with open(path, encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        return {row[0]: row[1] for row in rows if len(row) > 1}


def plain(name):
    """A name of PyPI, normalised (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main():
    lists = {pathlib.Path(path).stem: names(path) for path in sys.argv[1:]}
    file = pathlib.Path(__file__).with_name("servers.json")
    servers = [row["server"] for row in json.loads(file.read_text())["servers"]]
    missing = 0
    for server in servers:
        for package in server.get("packages", []):
            registry, name = package["registryType"], package["identifier"]
            if registry not in lists:
                print(f"{registry:5} {name}: not looked up")
                continue
            key = plain(name) if registry == "pypi" else name
            newest = lists[registry].get(key)
            same = newest == package["version"]
            missing += newest is None
            verdict = "not there" if newest is None else "there" if same else f"now {newest}"
            print(f"{registry:5} {name} {package['version']}: {verdict}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
