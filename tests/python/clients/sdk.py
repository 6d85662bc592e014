"""The Python SDK as an agent uses it: `mcp.Client` in the mode that the command line names."""

import asyncio
from typing import Any

import httpx2
import plan as plans
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client


def plain(result: Any) -> Any:
    """A result of the SDK as JSON."""
    if hasattr(result, "tools"):
        return [tool.model_dump(mode="json", by_alias=True) for tool in result.tools]
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main() -> None:
    """Walks through the plan, then watches progress arrive before the result does."""
    plan = plans.read()
    timeout = httpx2.Timeout(30, read=60)
    async with httpx2.AsyncClient(headers=plans.headers(plan), timeout=timeout) as http:
        if bridge := plans.bridge(plan):
            environment = {"VARISTOR_TOKEN": plan.token}
            transport: Any = StdioServerParameters(
                command=bridge[0], args=bridge[1:], env=environment
            )
        elif plan.mode == "sse":
            transport = sse_client(plan.url, headers=plans.headers(plan))
        else:
            transport = streamable_http_client(plan.url, http_client=http)
        mode = plan.mode if plan.mode != "sse" else "legacy"
        async with Client(transport, mode=mode) as client:
            seen = await plans.walk(client, plan, plain)
            seen["version"] = client.protocol_version
            events: list[Any] = []

            async def on_progress(progress: float, total: float | None, _: str | None) -> None:
                events.append([progress, total])

            call = plan.calls["progress"]
            await client.call_tool(call["tool"], call["arguments"], progress_callback=on_progress)
            events.append("result")
            seen["progress"] = events
    plans.tell(seen)


asyncio.run(main())
