import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerOf } from "../lib/http/answer.ts";

// The least that a refusal can cost: the answer of the checks from plain node:http.
const { status, headers, body } = answerOf({
  accepted: false,
  status: 401,
  reason: "unknown",
  challenges: ['ApiKey realm="api"'],
  carriers: [],
});
const server = createServer((_req, res) => {
  res.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  res.end(body);
});
server.listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
