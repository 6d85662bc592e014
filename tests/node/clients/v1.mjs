// The first line of the TypeScript SDK as an agent uses it: initialize, sessions.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { bridge, read, tell, walk } from "./plan.mjs";

const { url, headers, calls } = read();
const client = new Client({ name: "varistor-tests", version: "1" });
const local = bridge(url, headers);
const transport = local
  ? new StdioClientTransport(local)
  : new StreamableHTTPClientTransport(url, { requestInit: { headers } });
await client.connect(transport);
const seen = await walk(client, calls, (call, onprogress) =>
  client.callTool(call, undefined, { onprogress }));
await transport.terminateSession?.();
await client.close();
tell(seen);
