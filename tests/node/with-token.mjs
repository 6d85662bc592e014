// Adds a bearer token to every request and changes nothing else: for clients that can't send one.
//
// with-token.mjs TARGET, the token in $TOKEN. TARGET is http://127.0.0.1:PORT; requests keep their
// path, Host and Origin. Bodies are streamed both ways; a client that goes away takes the request
// with it. Prints `listening on http://127.0.0.1:PORT`.
import { createServer, request } from "node:http";

const target = new URL(process.argv[2]);
const authorization = `Bearer ${process.env.TOKEN}`;

const server = createServer((incoming, outgoing) => {
  const headers = [...incoming.rawHeaders, "Authorization", authorization];
  const onward = request({
    host: target.hostname,
    port: target.port,
    method: incoming.method,
    path: incoming.url,
    headers,
    setHost: false,
    agent: false,
  });
  onward.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode, answer.rawHeaders);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
    answer.on("aborted", () => outgoing.destroy());
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
});
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
