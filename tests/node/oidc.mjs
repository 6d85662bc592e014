// An identity provider made with `oidc-provider`: clients register themselves, whoever comes is
// alice, and access tokens are JWTs for the resource that was asked for (RFC 8707).
import { createServer } from "node:http";
import { once } from "node:events";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: "rs", alg: "RS256", use: "sig" };

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  cookies: { keys: ["only for tests"] },
  scopes: ["openid", "offline_access", "mcp"],
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "mcp",
        audience: resource,
        accessTokenFormat: "jwt",
        accessTokenTTL: 300,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: () => ({ groups: ["everybody"] }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});

// Signs in and consents without a page.
async function interact(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: "alice", clientId: params.client_id });
  grant.addOIDCScope(`openid ${params.scope}`);
  grant.addResourceScope(params.resource, params.scope);
  const grantId = await grant.save();
  const done = { login: { accountId: "alice" }, consent: { grantId } };
  await provider.interactionFinished(request, response, done, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
server.on("request", (request, response) =>
  request.url.startsWith("/interaction/")
    ? interact(request, response).catch((error) => response.writeHead(500).end(String(error)))
    : answer(request, response));
console.log(`listening on ${issuer}`);
