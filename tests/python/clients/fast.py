"""FastMCP's client as an agent uses it."""

import asyncio
from typing import Any

import plan as plans
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from pydantic_core import to_jsonable_python


def plain(result: Any) -> Any:
    """A result of FastMCP as JSON."""
    return to_jsonable_python(result, by_alias=True, exclude_none=True, fallback=repr)


class Gentle(Client):
    """A client that returns tool errors instead of raising them."""

    async def call_tool(self, name: str, arguments: Any = None, **rest: Any) -> Any:
        """The result as the protocol has it."""
        return await self.call_tool_mcp(name, arguments or {}, **rest)


async def main() -> None:
    """Walks through the plan, then watches progress arrive before the result does."""
    plan = plans.read()
    transport = StreamableHttpTransport(plan.url, headers=plans.headers(plan))
    async with Gentle(transport) as client:
        seen = await plans.walk(client, plan, plain)
        events: list[Any] = []

        async def on_progress(progress: float, total: float | None, _: str | None) -> None:
            events.append([progress, total])

        call = plan.calls["progress"]
        await client.call_tool(call["tool"], call["arguments"], progress_handler=on_progress)
        events.append("result")
        seen["progress"] = events
    plans.tell(seen)


asyncio.run(main())
