const basic = "Authorization: Basic VGVzdDpQYXNzMTIzNCE=";
const message = `--header 'Content-Type: application/json' --data-raw '{"message":"hi"}'`;
const order = `--header 'Content-Type: application/json' --data-raw '{"order":"A-17"}'`;

/** Tells where the editor is, what was made, and what to call. */
export function show({ url, userDir, version, shown, fixedKey }) {
  const lines = [
    "",
    `Gatehouse with Node-RED ${version}, on this machine only. Editor, with the examples:`,
    "",
    `    ${url}/`,
    "",
    ...credentialLines(shown, fixedKey, userDir),
    "Call it from another terminal. Each line is answered with the status above it:",
    "",
    ...curlLines(url, shown, fixedKey).flatMap(([status, why, line]) => [`  ${status}  ${why}`, `  ${line}`, ""]),
    "Ctrl-C ends it.",
    "",
  ];
  console.log(lines.join("\n"));
}

function credentialLines(shown, fixedKey, userDir) {
  const exports = Object.entries(shown).map(([variable, value]) => `  export ${variable}=${value}`);
  const fixed = `  export GATEHOUSE_EXAMPLE_FIXED_KEY=${fixedKey}`;
  const made =
    exports.length > 0
      ? ["Made now, and shown this once: the store keeps digests only. For the curl lines in the examples' notes:", ""]
      : [
          `The keys and users are those of ${userDir}, made at the first start and not shown again.`,
          "For another key: npm start -- --new-key",
          "",
          "For example 05, this start's fixed key:",
          "",
        ];
  return [...made, ...exports, fixed, ""];
}

function curlLines(url, shown, fixedKey) {
  return [...demoLines(url), ...keyLines(url, shown), fixedLine(url, fixedKey)];
}

function demoLines(url) {
  const messages = `curl -i --request POST ${url}/examples/messages`;
  return [
    [200, "a known token", `${messages} --header 'x-auth-token: abc123' ${message}`],
    [401, "no token", `${messages} ${message}`],
    [200, "a known user", `curl -i --request POST ${url}/examples/basic --header '${basic}' ${message}`],
    [401, "a wrong password", `curl -i --request POST ${url}/examples/basic --user 'Test:wrong' ${message}`],
    [
      403,
      "a known token, from an address that is not allowed",
      `curl -i ${url}/examples/either/office --header 'x-auth-token: abc123'`,
    ],
  ];
}

function keyLines(url, shown) {
  const { GATEHOUSE_EXAMPLE_KEY: key, GATEHOUSE_EXAMPLE_SANDBOX_KEY: sandbox, GATEHOUSE_EXAMPLE_USER: user } = shown;
  const lines = [];
  if (key) lines.push([200, "your new key", `curl -i ${url}/examples/key --header 'x-auth-token: ${key}'`]);
  if (user) {
    const password = shown.GATEHOUSE_EXAMPLE_PASSWORD;
    lines.push([200, "your new user", `curl -i ${url}/examples/user --user '${user}:${password}'`]);
  }
  if (sandbox) {
    const production = `curl -i ${url}/examples/production/orders`;
    lines.push(
      [200, "sandbox key, sandbox", `curl -i ${url}/examples/sandbox/orders --user '${sandbox}:' ${order}`],
      [403, "sandbox key, production", `${production} --user '${sandbox}:' ${order}`],
      [403, "a valid key of 10.0.0.0/8", `${production} --user '${shown.GATEHOUSE_EXAMPLE_FOREIGN_KEY}:' ${order}`],
    );
  }
  return lines;
}

function fixedLine(url, fixedKey) {
  return [200, "the fixed key of example 05", `curl -i ${url}/examples/fixed-key --header 'x-auth-token: ${fixedKey}'`];
}
