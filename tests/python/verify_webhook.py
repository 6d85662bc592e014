"""Verifies webhooks by the Standard Webhooks specification with Python's own HMAC.

Reads JSON lines {"key", "id", "timestamp", "signature", "body"} from standard input; exits 1 when
one of them is not what it says.
"""

import base64
import hashlib
import hmac
import json
import sys
import time

for line in sys.stdin:
    hook = json.loads(line)
    key = base64.b64decode(hook["key"].removeprefix("whsec_"))
    signed = f"{hook['id']}.{hook['timestamp']}.{hook['body']}".encode()
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    version, _, found = hook["signature"].partition(",")
    fresh = abs(time.time() - int(hook["timestamp"])) < 300
    if version != "v1" or not hmac.compare_digest(expected, found) or not fresh:
        sys.exit(f"not genuine: {hook}")
