// The second line of the TypeScript SDK: `legacy`, `auto`, or pinned to a version.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { bridge, read, tell, walk } from "./plan.mjs";

const { url, headers, mode, calls } = read();
const negotiation = ["legacy", "auto"].includes(mode) ? mode : { pin: mode };
const client = new Client(
  { name: "varistor-tests", version: "1" },
  { versionNegotiation: { mode: negotiation } },
);
const local = bridge(url, headers);
const transport = local
  ? new StdioClientTransport(local)
  : new StreamableHTTPClientTransport(url, { requestInit: { headers } });
await client.connect(transport);
const seen = await walk(client, calls, (call, onprogress) =>
  client.callTool(call, { onprogress }));
seen.version = client.getNegotiatedProtocolVersion();
await client.close();
tell(seen);
