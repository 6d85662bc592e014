#!/usr/bin/env python3
"""Checks an audit log of Varistor from its format's description (FORMAT.md) alone.

  verify_log.py [--anchor KEY] LOG_DIRECTORY...       lines, chain, tree, checkpoints, keys
  verify_log.py [--anchor KEY] --proof FILE --keychain FILE       one record, offline

Needs Python 3.10 and the package `cryptography`. Exit status: 0 sound, 2 tampered with, 3 truncated,
5 sound but for an unfinished last record. One line of JSON for each log.
"""

import argparse
import base64
import json
import re
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LEAF = lambda line: sha256(b"\0" + line).digest()
NODE = lambda left, right: sha256(b"\1" + left + right).digest()


def push(stack, size, leaf):
    """Adds leaf number `size` to the roots of full subtrees."""
    while size & 1:
        leaf, size = NODE(stack.pop(), leaf), size >> 1
    stack.append(leaf)


def root(stack):
    if not stack:
        return sha256().digest()
    node = stack[-1]
    for left in reversed(stack[:-1]):
        node = NODE(left, node)
    return node


def notes(data):
    """(text, signature lines) of each note in a file, and whether its end is unfinished."""
    *blocks, rest = data.split(b"\n\n")
    pairs = [(t + b"\n", s.split(b"\n")) for t, s in zip(blocks[::2], blocks[1::2])]
    return pairs, bool(rest) or len(blocks) % 2 == 1


def signed(note, vkey):
    name, key_id, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded)
    assert key[0] == 1 and sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, vkey
    for line in note[1]:
        match = re.fullmatch("— (\\S+) (\\S+)", line.decode())
        blob = base64.b64decode(match[2], validate=True)
        assert base64.b64encode(blob).decode() == match[2]
        if match[1] == name and blob[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[4:], note[0])
                return True
            except InvalidSignature:
                pass
    return False


def checkpoint(text):
    origin, size, top, *more = text.decode().rstrip("\n").split("\n")
    assert str(int(size)) == size and base64.b64encode(base64.b64decode(top)).decode() == top
    return origin, int(size), base64.b64decode(top), more


def keychain(data, anchor):
    """[(first size, key)] and [(size, root)] of the entries. Raises where the chain breaks."""
    epochs, heads = [], []
    for note in notes(data)[0]:
        origin, size, top, (line,) = checkpoint(note[0])
        mark, number, key, _when = line.split(" ")
        assert mark == "varistor-key" and int(number) == len(epochs) and key.startswith(origin + "+")
        assert signed(note, epochs[-1][1] if epochs else key)
        assert not epochs or (epochs[-1][0] <= size and epochs[0][1].startswith(origin + "+"))
        epochs.append((size, key))
        heads.append((size, top))
    assert epochs and anchor in (None, epochs[0][1])
    return epochs, heads


def head(note, epochs):
    """Size and root of a checkpoint that the key in force for its size has signed."""
    origin, size, top, more = checkpoint(note[0])
    ends = [begin for begin, _ in epochs[1:]] + [size]
    keys = [key for (begin, key), end in zip(epochs, ends) if begin <= size <= end]
    assert not more and any(key.startswith(origin + "+") and signed(note, key) for key in keys)
    return size, top


def lines(log):
    """Lines by number (None: missing), numbers of lines that stand twice and differ, torn bytes."""
    found, differ, names = [], [], sorted(log.glob("*.jsonl"))
    for name in names:
        first, again = int(name.stem), []
        found, again = found[:first], found[first:]
        found += [None] * (first - len(found))
        *whole, torn = name.read_bytes().split(b"\n")
        differ += [first + n for n, (a, b) in enumerate(zip(again, whole)) if a != b]
        found += whole
    return found, differ, bool(names and torn)


def broken(found):
    """The first record whose number is wrong or whose `prev` is not the line before's hash."""
    previous = bytes(32).hex()
    for seq, line in enumerate(found):
        head = re.match(rb'\{"seq":(\d+),"time":"[^"]{30}","prev":"([0-9a-f]{64})"[,}]', line or b"")
        if not head or head[1] != str(seq).encode():
            return seq
        if head[2].decode() != previous:
            return max(seq - 1, 0)  # it, or the one behind it: only the tree can tell
        previous = sha256(line).hexdigest()
    return None


def locate(found, known, good, head):
    """The first line since `good` that tree.0 has another hash of, if tree.0 leads to the head."""
    hashes = [known[n : n + 32] for n in range(0, 32 * head[0], 32)]
    tree = []
    for n, leaf in enumerate(hashes):
        push(tree, n, leaf)
    if root(tree) != head[1]:
        return None
    for n in range(good, min(head[0], len(found))):
        if found[n] is None or LEAF(found[n]) != hashes[n]:
            return n
    return len(found)


def check(log, anchor):
    found, differ, torn = lines(log)
    chain, bad = broken(found), []
    epochs, heads = keychain((log / "keychain").read_bytes(), anchor)
    for name in sorted(log.glob("*.checkpoints")):
        of_file = [head(note, epochs) for note in notes(name.read_bytes())[0]]
        assert of_file == sorted(of_file, key=lambda head: head[0]), "out of order"
        heads += of_file
    known = (log / "tree.0").read_bytes() if (log / "tree.0").exists() else b""
    tree, reached, good, missing = [], 0, 0, None
    for size, top in sorted(heads):
        while reached < min(size, len(found)) and found[reached] is not None:
            push(tree, reached, LEAF(found[reached]))
            reached += 1
        if reached == size and root(tree) == top:
            good = size
            continue
        exact = locate(found, known, good, (size, top))
        if exact is not None and exact < len(found):
            bad = [exact]
        elif reached == size:
            bad = [good if chain is None else max(chain, good)]
        elif reached == len(found):
            missing = reached
        break
    if chain is not None and not bad:
        bad = [max(chain, good)]  # what is signed is not the one of the two
    bad += differ
    verdict = "tampered" if bad else "truncated" if missing is not None else "torn" if torn else "sound"
    return {"verdict": verdict, "first_bad": min(bad, default=missing), "signed": good, "records": len(found)}


def check_proof(text, chain, anchor):
    proof, note = text.split(b"\n\n", 1)
    mark, extra, index, *path = proof.decode().split("\n")
    assert mark == "c2sp.org/tlog-proof@v1" and extra.startswith("extra ") and index.startswith("index ")
    line, place = base64.b64decode(extra[6:]), int(index[6:])
    size, top = head(notes(note + b"\n")[0][0], keychain(chain, anchor)[0])
    node, at, last = LEAF(line), place, size - 1
    assert place < size, "not in this tree"
    for sibling in map(base64.b64decode, path):
        assert last, "the path is too long"
        if at & 1 or at == last:
            node = NODE(sibling, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = NODE(node, sibling)
        at, last = at >> 1, last >> 1
    assert last == 0 and node == top, "the path does not lead to the root"
    return {"verdict": "sound", "index": place, "size": size, "record": json.loads(line)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logs", nargs="*", type=Path, metavar="LOG_DIRECTORY")
    parser.add_argument("--anchor", help="the log's first key, NAME+ID+BASE64")
    parser.add_argument("--proof", type=Path)
    parser.add_argument("--keychain", type=Path)
    args = parser.parse_args()
    status = 0
    for log in [args.proof] if args.proof else args.logs:
        try:
            if args.proof:
                told = check_proof(log.read_bytes(), args.keychain.read_bytes(), args.anchor)
            else:
                told = check(log, args.anchor)
        except (AssertionError, ValueError, TypeError, IndexError, OSError) as error:
            # The evidence itself is not what was written.
            chain = None if args.proof else broken(lines(log)[0])
            told = {"verdict": "tampered", "first_bad": chain or 0, "error": repr(error)}
        print(json.dumps({"log": str(log), **told}))
        status = status or {"sound": 0, "tampered": 2, "truncated": 3, "torn": 5}[told["verdict"]]
    return status


if __name__ == "__main__":
    sys.exit(main())
