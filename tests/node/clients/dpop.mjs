// The TypeScript SDK with a token that is bound to a key (RFC 9449): got from a provider, and proven
// with every request by proofs that `jose` makes.
import { createHash, randomUUID } from "node:crypto";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { SignJWT, exportJWK, generateKeyPair } from "jose";

const [url] = process.argv.slice(2);
const { publicKey, privateKey } = await generateKeyPair("ES256");
const jwk = await exportJWK(publicKey);
const proof = (method, target, claims = {}) =>
  new SignJWT({ htm: method, htu: `${target}`.split(/[?#]/)[0], jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
    .setIssuedAt()
    .sign(privateKey);

// Who gives tokens, by the gateway's metadata alone.
const json = async (answer) => {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${text}`);
  return JSON.parse(text);
};
const { pathname, origin } = new URL(url);
const about = await json(await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`));
const issuer = about.authorization_servers[0];
const at = await json(await fetch(`${issuer}/.well-known/openid-configuration`));
const client = await json(await fetch(at.registration_endpoint, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    client_name: "varistor-tests", redirect_uris: [], response_types: [],
    grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post",
  }),
}));
const granted = await json(await fetch(at.token_endpoint, {
  method: "POST",
  headers: { dpop: await proof("POST", at.token_endpoint) },
  body: new URLSearchParams({
    grant_type: "client_credentials", scope: "mcp", resource: url,
    client_id: client.client_id, client_secret: client.client_secret,
  }),
}));
const token = granted.access_token;
const ath = createHash("sha256").update(token).digest("base64url");

let last;
const proving = async (target, init = {}) => {
  const headers = new Headers(init.headers);
  last = await proof(init.method ?? "GET", target, { ath });
  headers.set("authorization", `DPoP ${token}`);
  headers.set("dpop", last);
  return fetch(target, { ...init, headers });
};
const mcp = new Client({ name: "varistor-tests", version: "1" });
await mcp.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: proving }));
const { tools } = await mcp.listTools();
const called = await mcp.callTool({ name: "test_simple_text", arguments: {} });
const shown = last;
const status = async (headers) => {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const media = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const answer = await fetch(url, { method: "POST", body, headers: { ...media, ...headers } });
  return [answer.status, answer.headers.get("www-authenticate")?.split(" ")[0]];
};
const stolen = await status({ authorization: `Bearer ${token}` });
const replayed = await status({ authorization: `DPoP ${token}`, dpop: shown });
await mcp.close();
console.log(JSON.stringify({ tools: tools.length, text: called.content[0].text, kind: granted.token_type,
  algorithms: about.dpop_signing_alg_values_supported, stolen, replayed }));
