// The Inspector's command line as a person uses it; the mode is its protocol era.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { read, tell } from "./plan.mjs";

const { url, headers, mode, calls } = read();
const launcher = fileURLToPath(
  new URL("../node_modules/.bin/mcp-inspector", import.meta.url),
);

async function inspect(method, ...rest) {
  const options = ["--transport", "http", "--protocol-era", mode, "--format", "json", "--quiet"];
  for (const [name, value] of Object.entries(headers)) options.push("--header", `${name}: ${value}`);
  const given = ["--cli", url.href, ...options, "--method", method, ...rest];
  const run = promisify(execFile)(process.execPath, [launcher, ...given]);
  // A tool error is told by the exit code too; what counts is the answer.
  const { stdout, stderr } = await run.catch((failed) => failed);
  if (!stdout.trim()) throw new Error(`${method}: ${stderr}`);
  return JSON.parse(stdout);
}

function call({ tool, arguments: given }) {
  return inspect("tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(given));
}

const [tools, text, error, prompt, resource] = await Promise.all([
  inspect("tools/list"),
  call(calls.text),
  call(calls.error),
  inspect(
    "prompts/get", "--prompt-name", calls.prompt.name,
    "--prompt-args", ...Object.entries(calls.prompt.arguments).map(([k, v]) => `${k}=${v}`),
  ),
  inspect("resources/read", "--uri", calls.resource),
]);
const seen = { tools, text, error, prompt, resource };
if (calls.structured) seen.structured = await call(calls.structured);
tell(seen);
