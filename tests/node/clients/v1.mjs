// The first line of the TypeScript SDK as an agent uses it: initialize, sessions.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { bridge, read, tell, walk } from "./plan.mjs";

const { url, headers, mode, calls } = read();
const client = new Client({ name: "varistor-tests", version: "1" });
const local = bridge(url, headers);
// The SDK's event stream sends no headers of its own accord.
const withHeaders = (at, init) => fetch(at, { ...init, headers: { ...headers, ...init?.headers,
  Accept: "text/event-stream" } });
const remote = () => mode === "sse"
  ? new SSEClientTransport(url, { requestInit: { headers }, eventSourceInit: { fetch: withHeaders } })
  : new StreamableHTTPClientTransport(url, { requestInit: { headers } });
const transport = local ? new StdioClientTransport(local) : remote();
await client.connect(transport);
const seen = await walk(client, calls, (call, onprogress) =>
  client.callTool(call, undefined, { onprogress }));
await transport.terminateSession?.();
await client.close();
tell(seen);
