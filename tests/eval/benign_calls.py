"""Tool calls with nothing to find in them, full of what is easily mistaken for something: ids,
hashes, numbers, versions, code, images, placeholders, words with capitals."""

import base64
import json
import struct
import uuid
import zlib

from secret_calls import ALNUM, HEX, chars

PRODUCTS = [
    "Aurora Desk Lamp",
    "Summit Trail Boots",
    "Nimbus 3 Router",
    "Oak & Iron Shelf",
    "Polar Flask 750",
    "Vertex Standing Desk",
    "Ember Kettle",
    "Delta Road Bike",
]
TOPICS = [
    "Quarterly Planning",
    "Incident Review",
    "Release Notes",
    "Spring Campaign",
    "Data Retention",
    "Search Relevance",
    "Mobile Onboarding",
    "Warehouse Layout",
]
PROSE = [
    "The Build Team moved the Monday review to Thursday because the Grand Hall is booked.",
    "May is the busiest month; June and August are quiet, and April depends on Easter.",
    "Please compare Oracle, Snowflake and Spark for the nightly job before we decide.",
    "Will the Phoenix release include Dark Mode, or does that slip to the next quarter?",
    "Use Chrome or Safari; Internet Explorer has not been supported since the Mercury upgrade.",
    "The Amazon region was slow, Jordan Valley data centres were not, and Paris was fine.",
    "Faith in the numbers fell when Grace Period and Rich Text were counted as two features.",
    "See section 4.2.1 of the Style Guide: headings in Title Case, Tables With Captions.",
]
CODE = [
    "def total(rows):\n    return sum(row.price * row.count for row in rows if not row.void)\n",
    "const token = await getToken(session.user);\nif (!token) throw new Error('no token');\n",
    'for i in $(seq 1 10); do curl -s "$BASE_URL/health" || exit 1; done\n',
    "SELECT o.id, SUM(l.qty) FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY 1;",
    "impl Drop for Guard {\n    fn drop(&mut self) { self.lock.store(0, Ordering::Release); }\n}\n",
    'password = os.environ["DB_PASSWORD"]\nclient = connect(host, password=password)\n',
    '<input type="password" name="password" autocomplete="current-password" required>',
]
PLACEHOLDERS = [
    "API_KEY=${API_KEY}",
    "password: <your-password>",
    "token: {{ secrets.DEPLOY_TOKEN }}",
    "Authorization: Bearer $TOKEN",
    'api_key = "YOUR_API_KEY"',
    "secret: changeme",
    "AWS_SECRET_ACCESS_KEY=xxxxxxxxxxxxxxxxxxxx",
    "client_secret: null",
    "passwd: ********",
    "postgres://user:${DB_PASSWORD}@localhost/app",
    "token=[REDACTED]",
    "pin: ****",
]


def instant(rng):
    day = f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    return f"{day}T{clock}.{rng.randrange(1000):03}Z"


def version(rng):
    return ".".join(str(rng.randrange(40)) for _ in range(3)) + rng.choice(
        ["", "-rc.1", "+build.77"]
    )


def identifier(rng):
    return str(uuid.UUID(bytes=rng.randbytes(16), version=4))


def isbn(rng):
    digits = [9, 7, 8] + [rng.randrange(10) for _ in range(9)]
    check = -sum(d * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10
    text = "".join(map(str, digits))
    return f"{text[:3]}-{text[3]}-{text[4:7]}-{text[7:]}-{check}"


def not_a_card(rng):
    """Sixteen digits whose check digit is wrong."""
    digits = [rng.choice([4, 5])] + [rng.randrange(10) for _ in range(14)]
    doubled = (d * 2 - 9 if d > 4 else d * 2 for d in digits[::2])
    check = -(sum(doubled) + sum(digits[1::2])) % 10
    return "".join(map(str, digits)) + str((check + rng.randrange(1, 10)) % 10)


def image(rng):
    """A small PNG of noise."""
    side = rng.randrange(8, 40)
    rows = b"".join(b"\0" + rng.randbytes(side * 3) for _ in range(side))
    chunk = lambda kind, data: (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    )
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    whole = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(whole)).decode()


def source(rng):
    sha = chars(rng, HEX, 40)
    return rng.choice(
        [
            ("git", "get_commit", {"repo": "storefront/web", "sha": sha, "stat": True}),
            (
                "git",
                "compare",
                {"base": sha, "head": chars(rng, HEX, 40), "paths": ["src/cart.ts"]},
            ),
            ("git", "create_tag", {"name": f"v{version(rng)}", "target": sha[:12]}),
            ("ci", "rerun_job", {"run_id": rng.randrange(10**10), "job": "lint", "attempt": 2}),
            ("registry", "inspect", {"image": f"app/web@sha256:{chars(rng, HEX, 64)}"}),
            (
                "npm",
                "verify",
                {
                    "package": "left-pad",
                    "version": version(rng),
                    "integrity": "sha512-" + base64.b64encode(rng.randbytes(64)).decode(),
                },
            ),
        ]
    )


def numbers(rng):
    return rng.choice(
        [
            ("shop", "get_order", {"order_no": f"{rng.randrange(10**9):09}", "region": "EU"}),
            (
                "shop",
                "track_parcel",
                {"carrier": "UPS", "code": "1Z" + chars(rng, "ABCDEFW0123456789", 16)},
            ),
            ("books", "lookup", {"isbn": isbn(rng), "edition": rng.randrange(1, 9)}),
            (
                "stock",
                "adjust",
                {"gtin": f"{rng.randrange(10**13):014}", "delta": -rng.randrange(90)},
            ),
            ("ledger", "list_entries", {"reference": not_a_card(rng), "page": rng.randrange(40)}),
            (
                "sensors",
                "ingest",
                {
                    "at": rng.randrange(1_700_000_000_000, 1_800_000_000_000),
                    "values": [round(rng.uniform(-90, 90), 6) for _ in range(8)],
                },
            ),
            (
                "maps",
                "route",
                {
                    "from": [round(rng.uniform(47, 54), 5), round(rng.uniform(6, 14), 5)],
                    "to": [48.13743, 11.57549],
                    "avoid": ["tolls"],
                },
            ),
            (
                "lab",
                "get_compound",
                {
                    "cas": f"{rng.randrange(50, 9999)}-{rng.randrange(10, 99)}-{rng.randrange(10)}",
                    "mass": rng.uniform(10, 900),
                },
            ),
            (
                "metrics",
                "query",
                {
                    "expr": 'rate(http_requests_total{code=~"5.."}[5m])',
                    "start": rng.randrange(1_790_000_000, 1_799_999_999),
                    "step": 15,
                },
            ),
        ]
    )


def prose(rng):
    text = " ".join(rng.sample(PROSE, rng.randrange(1, 4)))
    return rng.choice(
        [
            ("wiki", "create_page", {"title": rng.choice(TOPICS), "body": text}),
            ("chat", "post", {"channel": "general", "text": f"{rng.choice(TOPICS)}: {text}"}),
            (
                "tracker",
                "create_issue",
                {
                    "title": f"{rng.choice(PRODUCTS)} page is slow",
                    "body": text,
                    "labels": ["Needs Triage", "Good First Issue"],
                },
            ),
            (
                "shop",
                "update_product",
                {
                    "sku": f"SKU-{rng.randrange(10**6):06}",
                    "title": rng.choice(PRODUCTS),
                    "price": round(rng.uniform(5, 900), 2),
                    "currency": "EUR",
                },
            ),
            (
                "calendar",
                "find_slots",
                {
                    "topic": rng.choice(TOPICS),
                    "after": instant(rng),
                    "minutes": rng.choice([15, 30, 60]),
                    "room": "Blue Whale",
                },
            ),
            (
                "search",
                "query",
                {"q": f"{rng.choice(PRODUCTS)} vs {rng.choice(PRODUCTS)}", "limit": 20},
            ),
        ]
    )


def texts(rng):
    lines = [
        f"{instant(rng)} INFO worker-{rng.randrange(9)} request={identifier(rng)} "
        f"took={rng.randrange(900)}ms"
        for _ in range(rng.randrange(2, 8))
    ]
    cells = [
        f"{rng.randrange(10**5)},{rng.choice(PRODUCTS)},{rng.randrange(40)},"
        f"{rng.uniform(1, 90):.2f}"
        for _ in range(rng.randrange(2, 8))
    ]
    return rng.choice(
        [
            ("files", "write", {"path": "src/lib/total.py", "content": rng.choice(CODE)}),
            (
                "files",
                "write",
                {"path": ".env.example", "content": "\n".join(rng.sample(PLACEHOLDERS, 3))},
            ),
            (
                "docs",
                "publish",
                {"markdown": "## Setup\n\nRun with `" + rng.choice(PLACEHOLDERS) + "`."},
            ),
            ("logs", "append", {"stream": "edge", "lines": lines}),
            ("sheets", "import_csv", {"csv": "\n".join(["sku,title,count,price", *cells])}),
            (
                "db",
                "query",
                {"sql": f"SELECT * FROM events WHERE id = '{identifier(rng)}' LIMIT 50"},
            ),
            ("images", "resize", {"data": image(rng), "mime": "image/png", "width": 64}),
            (
                "browser",
                "open",
                {
                    "url": f"https://docs.example.com/v{rng.randrange(9)}/guide?ref="
                    f"{chars(rng, ALNUM, 11)}#step-{rng.randrange(12)}"
                },
            ),
        ]
    )


def settings(rng):
    inner = {"theme": "#" + chars(rng, HEX, 6), "retries": rng.randrange(9), "build": version(rng)}
    return rng.choice(
        [
            (
                "k8s",
                "scale",
                {"deployment": f"api-{chars(rng, HEX, 10)}-{chars(rng, HEX, 5)}", "replicas": 3},
            ),
            (
                "flags",
                "set",
                {"key": "token_refresh_enabled", "value": True, "etag": chars(rng, HEX, 32)},
            ),
            ("cache", "get", {"key": f"page:{chars(rng, ALNUM, 22)}", "shard": rng.randrange(64)}),
            (
                "queue",
                "publish",
                {
                    "topic": "resize",
                    "payload": json.dumps(inner),
                    "trace": f"00-{chars(rng, HEX, 32)}-{chars(rng, HEX, 16)}-01",
                },
            ),
            (
                "cloud",
                "describe",
                {
                    "arn": f"arn:aws:s3:::assets-{chars(rng, HEX, 8)}",
                    "etag": chars(rng, HEX, 32),
                    "password_policy": "strong",
                },
            ),
            (
                "video",
                "transcode",
                {"id": chars(rng, ALNUM, 11), "from": "00:01:07.250", "preset": "1080p60"},
            ),
            (
                "paging",
                "next",
                {
                    "cursor": base64.b64encode(
                        json.dumps({"after": identifier(rng)}).encode()
                    ).decode(),
                    "limit": 100,
                },
            ),
            (
                "auth",
                "check_scope",
                {"scope": "tokens:read", "password_min_length": 14, "mfa": "required"},
            ),
        ]
    )


FAMILIES = [source, numbers, prose, texts, settings]


def calls(rng, count):
    """So many calls."""
    for number in range(count):
        server, tool, arguments = rng.choice(FAMILIES)(rng)
        message = {
            "jsonrpc": "2.0",
            "id": rng.choice([number, identifier(rng)]),
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        }
        yield {"server": server, "message": json.dumps(message, ensure_ascii=rng.random() < 0.5)}
