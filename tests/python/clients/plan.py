"""What every client does, and the one line of JSON in which it tells the outcome."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARALLEL_CALLS = 8


@dataclass
class Plan:
    """Where to go, with which token, and what to call there."""

    url: str
    token: str
    mode: str
    calls: dict[str, Any]


def read() -> Plan:
    """The plan of the command line: URL TOKEN PROFILE MODE; the token `-` means none."""
    url, token, profile, mode = sys.argv[1:5]
    plans = json.loads(Path(__file__).parents[2].joinpath("clients.json").read_text())
    return Plan(url, "" if token == "-" else token, mode, plans[profile])


def headers(plan: Plan) -> dict[str, str]:
    """The header that carries the token."""
    return {"Authorization": f"Bearer {plan.token}"} if plan.token else {}


def bridge(plan: Plan) -> list[str]:
    """The local server that a host would start instead of connecting; empty without `VARICTL`."""
    program = os.environ.get("VARICTL")
    return [program, "connect", plan.url, "--token-env", "VARISTOR_TOKEN"] if program else []


async def walk(client: Any, plan: Plan, plain: Any) -> dict[str, Any]:
    """Calls everything in the plan; `plain` turns an SDK's result into JSON."""
    seen: dict[str, Any] = {}
    seen["tools"] = plain(await client.list_tools())
    for kind in ("text", "structured", "error"):
        if call := plan.calls.get(kind):
            seen[kind] = plain(await client.call_tool(call["tool"], call["arguments"]))
    prompt = plan.calls["prompt"]
    seen["prompt"] = plain(await client.get_prompt(prompt["name"], prompt["arguments"]))
    seen["resource"] = plain(await client.read_resource(plan.calls["resource"]))
    text = plan.calls["text"]
    jobs = [client.call_tool(text["tool"], text["arguments"]) for _ in range(PARALLEL_CALLS)]
    answers = [plain(answer) for answer in await asyncio.gather(*jobs)]
    seen["parallel"] = sum(answer == seen["text"] for answer in answers)
    return seen


def tell(seen: dict[str, Any]) -> None:
    """Prints the outcome as one line."""
    print(json.dumps(seen, sort_keys=True))
