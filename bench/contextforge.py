"""Registers an MCP server with a ContextForge that is starting, as its README says, and calls it.

Prints `URL,tool=NAME`: where the virtual server is, and what it calls the upstream's `echo`. Reads
the token from standard input. Refuses a gateway that has ended, or through which no call works.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request

START_SECONDS = 300  # its first start makes a database: 15 s of CPU, on a core that may be busy
VERSION = "2025-11-25"


class Gateway:
    """Its admin API and its MCP endpoints, with one token."""

    def __init__(self, url, token):
        self.url = url
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }

    def ask(self, path, body=None, headers=None):
        """The answer as JSON, and its headers; a POST when there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers=self.headers | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return (json.loads(text) if text else None), answer.headers
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            refusal = f"contextforge.py: {path} was answered {error.code}: {said}"
            raise SystemExit(refusal) from error

    def wait(self, pid):
        """Until it accepts connections."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                raise SystemExit("contextforge.py: it has ended while starting") from None
            try:
                return self.ask("/health")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise SystemExit(f"contextforge.py: it did not answer within {START_SECONDS} s")

    def register(self, upstream):
        """Adds the upstream and a virtual server with its tools: its path, its name of `echo`."""
        federated = {"name": "mock", "url": upstream, "transport": "STREAMABLEHTTP"}
        self.ask("/gateways", federated)
        tools, _ = self.ask("/tools")
        echo = [tool["name"] for tool in tools if tool["originalName"] == "echo"]
        if len(echo) != 1:
            raise SystemExit(f"contextforge.py: expected one tool echo, found {echo}")
        bundle = {
            "name": "mock_server",
            "description": "the mock upstream",
            "associated_tools": [tool["id"] for tool in tools],
        }
        server, _ = self.ask("/servers", {"server": bundle})
        return f"/servers/{server['id']}/mcp", echo[0]

    def call(self, path, tool):
        """One call as a client of the era makes it."""
        client = {"name": "varistor-bench", "version": "1"}
        params = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": client}
        _, headers = self.ask(path, message("initialize", params, number=0))
        session = {"MCP-Protocol-Version": VERSION}
        if headers.get("Mcp-Session-Id"):
            session["Mcp-Session-Id"] = headers["Mcp-Session-Id"]
        self.ask(path, message("notifications/initialized"), session)
        params = {"name": tool, "arguments": {"text": "hello"}}
        answer, _ = self.ask(path, message("tools/call", params, number=1), session)
        if answer.get("id") != 1 or answer.get("result", {}).get("isError", True):
            raise SystemExit(f"contextforge.py: a call of {tool} was answered {answer}")


def message(method, params=None, number=None):
    """A JSON-RPC message; a notification when it has no number."""
    parts = {"jsonrpc": "2.0", "method": method, "params": params, "id": number}
    return {name: value for name, value in parts.items() if value is not None}


def main():
    """See the top."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gateway", required=True, help="http://HOST:PORT")
    parser.add_argument("--pid", required=True, type=int, help="its process")
    parser.add_argument("--upstream", required=True, help="URL of the MCP server")
    options = parser.parse_args()
    gateway = Gateway(options.gateway, sys.stdin.readline().strip())
    gateway.wait(options.pid)
    path, tool = gateway.register(options.upstream)
    gateway.call(path, tool)
    print(f"{options.gateway}{path},tool={tool}")


if __name__ == "__main__":
    main()
