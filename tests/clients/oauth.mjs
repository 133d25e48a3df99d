// What a client of OAuth does, by openid-client: node oauth.mjs STEP ISSUER CLIENT_ID CLIENT_SECRET ...
// A person comes between the steps, so what the next one has to know is printed as JSON and given back to it.
import * as client from "openid-client";

const [step, issuer, id, secret, ...rest] = process.argv.slice(2);
const found = await client.discovery(new URL(issuer), id, undefined, secret ? client.ClientSecretBasic(secret) : client.None(), {
  algorithm: "oauth2",
  execute: [client.allowInsecureRequests],
});

const steps = {
  /** Prints where to send the browser. */
  async begin(redirectUri) {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const url = client.buildAuthorizationUrl(found, {
      redirect_uri: redirectUri,
      scope: "event:read org:read",
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, verifier, state };
  },

  /** Takes where the browser came back to, gets a token, another for it, and gives that up. */
  async finish(callback, pkceCodeVerifier, expectedState) {
    const first = await client.authorizationCodeGrant(found, new URL(callback), { pkceCodeVerifier, expectedState });
    const second = await client.refreshTokenGrant(found, first.refresh_token);
    const works = async (token) => (await client.fetchProtectedResource(found, token, new URL(`${issuer}/api/0/organizations/`), "GET")).status;
    const before = await works(second.access_token);
    await client.tokenRevocation(found, second.access_token);
    return { scope: first.scope, lasts: first.expires_in, isNew: first.access_token !== second.access_token, before, after: await works(second.access_token).catch((e) => e.status) };
  },

  async "begin-device"() {
    return await client.initiateDeviceAuthorization(found, { scope: "event:read" });
  },

  /** Asks until there is an answer, as often as it may. */
  async "finish-device"(started) {
    const token = await client.pollDeviceAuthorizationGrant(found, JSON.parse(started));
    return { scope: token.scope, type: token.token_type };
  },
};

console.log(JSON.stringify(await steps[step](...rest)));
