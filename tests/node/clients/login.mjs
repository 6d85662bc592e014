// The TypeScript SDKs sign in by themselves: they are given the URL of a server and nothing else.
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { UnauthorizedError as Unauthorized1 } from "@modelcontextprotocol/sdk/client/auth.js";
import * as two from "@modelcontextprotocol/client";

const [url, , , mode] = process.argv.slice(2);
const [Client, Transport, Unauthorized] = mode === "v1"
  ? [Client1, Transport1, Unauthorized1]
  : [two.Client, two.StreamableHTTPClientTransport, two.UnauthorizedError];

// What an application keeps, in memory.
const kept = { asked: 0 };
const authProvider = {
  redirectUrl: "http://127.0.0.1:9/callback",
  clientMetadata: {
    client_name: "varistor-tests",
    redirect_uris: ["http://127.0.0.1:9/callback"],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "native",
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client; },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens; },
  redirectToAuthorization: (to) => { kept.asked += 1; kept.to = to; },
  saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
  codeVerifier: () => kept.verifier,
};

// A browser, as far as it is needed: follows redirects and keeps cookies.
async function browse(start) {
  const cookies = new Map();
  let at = new URL(start);
  for (let hops = 0; hops < 10; hops += 1) {
    if (at.pathname === "/callback") return at.searchParams;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(at, { redirect: "manual", headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name, ...value] = line.split(";", 1)[0].split("=");
      cookies.set(name, value.join("="));
    }
    const next = answer.headers.get("location");
    if (!next) throw new Error(`${at}: ${answer.status} ${await answer.text()}`);
    at = new URL(next, at);
  }
  throw new Error("too many redirects");
}

const info = [{ name: "varistor-tests", version: "1" }];
const connect = async () => {
  const client = new Client(...info);
  const transport = new Transport(new URL(url), { authProvider });
  try {
    await client.connect(transport);
    return client;
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    const back = await browse(kept.to);
    if (back.get("error")) throw new Error(`${back}`);
    await transport.finishAuth(mode === "v1" ? back.get("code") : back);
    return undefined;
  }
};
const client = (await connect()) ?? (await connect());
const { tools } = await client.listTools();
const called = await client.callTool({ name: "test_simple_text", arguments: {} });
await client.close();
const claims = JSON.parse(Buffer.from(kept.tokens.access_token.split(".")[1], "base64url"));
console.log(JSON.stringify({ tools: tools.length, text: called.content[0].text, asked: kept.asked,
  aud: claims.aud, sub: claims.sub, scope: claims.scope }));
