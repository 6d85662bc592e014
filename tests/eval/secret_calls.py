"""Tool calls that carry a made-up secret: 12 kinds, in 9 encodings, whole or split over 2 to 4
arguments. Kinds stand for formats that their vendors document; no value was ever in use."""

import base64
import html
import json
import string
import urllib.parse

UPPER = string.ascii_uppercase + "234567"
ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "-_"
HEX = "0123456789abcdef"


def chars(rng, alphabet, count):
    return "".join(rng.choice(alphabet) for _ in range(count))


def b64url(rng, count):
    return base64.urlsafe_b64encode(rng.randbytes(count)).decode().rstrip("=")


def jwt(rng):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    claims = {"sub": chars(rng, HEX, 12), "iat": 1_790_000_000 + rng.randrange(10**6)}
    return ".".join([part({"alg": "HS256", "typ": "JWT"}), part(claims), b64url(rng, 32)])


def private_key(rng):
    body = base64.b64encode(rng.randbytes(rng.choice([118, 610]))).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    kind = rng.choice(["EC ", "RSA ", ""])
    return "\n".join(
        [f"-----BEGIN {kind}PRIVATE" + " KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"]
    )


def connection_string(rng):
    scheme, port, path = rng.choice(
        [("postgres", 5432, "/ledger"), ("mysql", 3306, "/shop"), ("redis", 6379, "/0"),
         ("mongodb", 27017, "/events"), ("amqp", 5672, "/jobs")]
    )  # fmt: skip
    host = rng.choice(["db-2", "cache", "store-eu"]) + ".prod.internal"
    return f"{scheme}://svc_{chars(rng, HEX, 3)}:{chars(rng, ALNUM, 18)}@{host}:{port}{path}"


def openai_key(rng):
    # The fixed part in the middle of OpenAI's keys.
    return f"sk-proj-{chars(rng, WORD, 74)}T3Blbk" + f"FJ{chars(rng, WORD, 74)}"


# Kind, how its value is made, and the name that it needs beside it to be known at all.
KINDS = {
    "aws_key": (lambda rng: "AK" + "IA" + chars(rng, UPPER, 16), None),
    "aws_secret": (lambda rng: chars(rng, ALNUM + "/+", 40), "aws_secret_access_key"),
    "github_token": (lambda rng: "gh" + "p_" + chars(rng, ALNUM, 36), None),
    "gitlab_token": (lambda rng: "glp" + "at-" + chars(rng, WORD, 20), None),
    "slack_token": (
        lambda rng: "xo" + f"xb-{rng.randrange(10**11, 10**12)}-{rng.randrange(10**12, 10**13)}-"
        + chars(rng, ALNUM, 24),
        None,
    ),
    "stripe_key": (lambda rng: "sk_" + "live_" + chars(rng, ALNUM, 24), None),
    "google_api_key": (lambda rng: "AI" + "za" + chars(rng, WORD, 35), None),
    "openai_key": (openai_key, None),
    "jwt": (jwt, None),
    "private_key": (private_key, None),
    "connection_string": (connection_string, None),
    "password": (lambda rng: chars(rng, ALNUM + "!#%*+-", 16), "password"),
}  # fmt: skip


def wide(text):
    """Full-width forms of letters and digits (compatibility characters of Unicode)."""
    return "".join(chr(ord(c) + 0xFEE0) if c in ALNUM else c for c in text)


def spaced(text):
    """A zero-width space behind every fourth character."""
    return "\u200b".join(text[at : at + 4] for at in range(0, len(text), 4))


# How a text is written. JSON escapes are done to the message, not to the text.
ENCODINGS = {
    "plain": lambda text, rng: text,
    "json_escapes": lambda text, rng: text,
    "json_in_string": lambda text, rng: json.dumps({"note": "as agreed", "payload": [text]}),
    "url": lambda text, rng: (
        "".join(f"%{byte:02X}" for byte in text.encode())
        if rng.random() < 0.5
        else urllib.parse.quote(text, safe="")
    ),
    "base64": lambda text, rng: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text, rng: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hex": lambda text, rng: text.encode().hex(),
    "html": lambda text, rng: (
        "".join(f"&#{ord(c)};" for c in text)
        if rng.random() < 0.5
        else html.escape(text, quote=True).replace("-", "&#x2d;").replace("_", "&#95;")
    ),
    "unicode": lambda text, rng: (wide if rng.random() < 0.5 else spaced)(text),
}

# Tools, and the arguments that take a text, in the order in which pieces of it are spread.
CALLS = [
    ("files", "append_to_file", {"path": "notes/handover.txt"}, "text", "lines"),
    ("chat", "send_message", {"channel": "ops-night"}, "body", "blocks"),
    ("tracker", "add_comment", {"ticket": "OPS-771"}, "comment", "paragraphs"),
    ("browser", "fill_form", {"page": "https://forms.example.net/new"}, "value", "fields"),
    ("shell", "run_command", {"cwd": "/srv/app", "timeout_s": 20}, "stdin", "args"),
    ("http", "post_json", {"url": "https://hooks.example.net/in"}, "data", "parts"),
    ("wiki", "update_page", {"page_id": 4182, "minor": True}, "content", "sections"),
    ("memory", "remember", {"topic": "setup", "ttl_days": 30}, "fact", "facts"),
]


def pieces(text, count):
    """The text in so many pieces of about one size."""
    cuts = [len(text) * at // count for at in range(count + 1)]
    return [text[start:end] for start, end in zip(cuts, cuts[1:])]


def call(rng, kind, encoding, parts):
    """One message with its label: where the pieces stand, and what stands there."""
    make, name = KINDS[kind]
    secret = make(rng)
    # A value that only its name tells travels with it when it is encoded.
    carried = f"{name}={secret}" if name and encoding not in ("plain", "json_escapes") else secret
    text = ENCODINGS[encoding](carried, rng)
    server, tool, fixed, single, several = rng.choice(CALLS)
    arguments = dict(fixed)
    if name and carried == secret:
        single = several = name
    if parts == 1:
        places = {f"/params/arguments/{single}": text}
        arguments[single] = text
    else:
        split = pieces(text, parts)
        if rng.random() < 0.5:
            places = {f"/params/arguments/{several}/{at}": part for at, part in enumerate(split)}
            arguments[several] = split
        else:
            names = [f"{several}_{at + 1}" for at in range(parts)]
            places = {f"/params/arguments/{n}": part for n, part in zip(names, split)}
            arguments.update(zip(names, split))
    message = {
        "jsonrpc": "2.0",
        "id": rng.randrange(1, 10**4),
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    }
    written = json.dumps(message, ensure_ascii=rng.random() < 0.5)
    if encoding == "json_escapes":
        for part in places.values():
            escaped = "".join(f"\\u{ord(c):04x}" for c in part)
            written = written.replace(json.dumps(part)[1:-1], escaped)
    label = {"kind": kind, "encoding": encoding, "parts": parts, "places": places}
    return {"server": server, "message": written, **label}


def calls(rng, each):
    """So many calls of every kind, encoding and number of pieces."""
    for kind in KINDS:
        for encoding in ENCODINGS:
            for parts in (1, 2, 3, 4):
                for _ in range(each):
                    yield call(rng, kind, encoding, parts)
