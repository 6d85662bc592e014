"""A second implementation behind the gateway: the Python SDK, with the names the official suite calls.

It binds a free port of the loopback address, prints `listening on http://127.0.0.1:PORT`, and
serves every protocol version that the SDK knows at /mcp; with `sse`, the event stream of 2024-11-05
at /sse; with `stdio`, its standard streams. Not everything that the suite asks for is here: what
counts is that the gateway changes none of the suite's counts.
"""

import asyncio
import base64
import socket
import sys
from typing import Annotated

import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp_types import SamplingMessage, TextContent
from pydantic import BaseModel, Field

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

server = MCPServer(
    "varistor-python-fixture", instructions="A fixture of tests.", log_level="WARNING"
)


class Weather(BaseModel):
    """What the structured tool answers."""

    temperature: float
    conditions: str


class Person(BaseModel):
    """What the elicitation asks for."""

    username: Annotated[str, Field(description="User's response")]
    email: Annotated[str, Field(description="User's email address")]


@server.tool()
def test_simple_text() -> str:
    """Answers one sentence."""
    return "This is a simple text response for testing."


@server.tool()
def test_image_content() -> Image:
    """Answers a picture of one pixel."""
    return Image(data=PNG, format="png")


@server.tool()
def test_structured(city: str) -> Weather:
    """Answers an object that its output schema describes."""
    return Weather(temperature=21.5, conditions=f"clear in {city}")


@server.tool()
def test_error_handling() -> str:
    """Always fails."""
    raise ValueError("This tool intentionally returns an error for testing")


@server.tool()
async def test_tool_with_progress(ctx: Context) -> str:
    """Reports progress three times."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100, f"Completed step {done} of 100")
        await asyncio.sleep(0.05)
    return "done"


@server.tool()
async def test_tool_with_logging(ctx: Context) -> str:
    """Logs three times."""
    for text in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.info(text)
        await asyncio.sleep(0.05)
    return "logged"


@server.tool()
async def test_sampling(prompt: str, ctx: Context) -> str:
    """Asks the client's model."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    # Related to the call, so that it travels on the call's own stream: the session's stream may
    # not be open yet.
    answer = await ctx.session.create_message(
        messages=[message], max_tokens=100, related_request_id=ctx.request_id
    )
    text = answer.content.text if isinstance(answer.content, TextContent) else "no text"
    return f"LLM response: {text}"


@server.tool()
async def test_elicitation(message: str, ctx: Context) -> str:
    """Asks the client's user."""
    answer = await ctx.elicit(message=message, schema=Person)
    return f"User response: action={answer.action}"


@server.prompt()
def test_simple_prompt() -> str:
    """A prompt without arguments."""
    return "This is a simple prompt for testing."


@server.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """A prompt with two arguments."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


@server.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """Text that never changes."""
    return "This is the content of the static text resource."


@server.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """Bytes that never change."""
    return PNG


@server.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> str:
    """One row for every id."""
    return f'{{"id":"{id}","templateTest":true,"data":"Data for ID: {id}"}}'


def main() -> None:
    """Serves until it is killed."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "http"
    if kind == "stdio":
        server.run("stdio")
        return
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    port = listener.getsockname()[1]
    over_http = server.sse_app if kind == "sse" else server.streamable_http_app
    app = over_http(host="127.0.0.1")
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
