// What every client does, and the one line of JSON in which it tells the outcome.
import { readFileSync } from "node:fs";

const PARALLEL_CALLS = 8;

// The plan of the command line: URL TOKEN PROFILE MODE; the token `-` means none.
export function read() {
  const [url, token, profile, mode] = process.argv.slice(2);
  const plans = JSON.parse(readFileSync(new URL("../../clients.json", import.meta.url), "utf8"));
  const headers = token === "-" ? {} : { Authorization: `Bearer ${token}` };
  return { url: new URL(url), headers, mode, calls: plans[profile] };
}

// The local server that a host would start instead of connecting, where $VARICTL names it.
export function bridge(url, headers) {
  const command = process.env.VARICTL;
  const env = { VARISTOR_TOKEN: headers.Authorization?.replace("Bearer ", "") };
  return command && { command, args: ["connect", url.href, "--token-env", "VARISTOR_TOKEN"], env };
}

// Calls everything in the plan through a client of either SDK; `progressOf` hides how a call
// asks for progress.
export async function walk(client, calls, progressOf) {
  const seen = { tools: (await client.listTools()).tools };
  for (const kind of ["text", "structured", "error"]) {
    const call = calls[kind];
    if (call) seen[kind] = await client.callTool({ name: call.tool, arguments: call.arguments });
  }
  seen.prompt = await client.getPrompt(calls.prompt);
  seen.resource = await client.readResource({ uri: calls.resource });
  const { tool, arguments: given } = calls.text;
  const jobs = Array.from({ length: PARALLEL_CALLS }, () =>
    client.callTool({ name: tool, arguments: given }));
  const answers = await Promise.all(jobs);
  const same = (answer) => JSON.stringify(answer) === JSON.stringify(seen.text);
  seen.parallel = answers.filter(same).length;
  const events = [];
  const progress = { name: calls.progress.tool, arguments: calls.progress.arguments };
  await progressOf(progress, (step) => events.push([step.progress, step.total]));
  seen.progress = [...events, "result"];
  return seen;
}

// Prints the outcome as one line.
export function tell(seen) {
  console.log(JSON.stringify(seen));
}
