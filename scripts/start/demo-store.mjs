import { createSecretKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createKey, importToken, rotateKey } from "../../dist/lib/lifecycle/keys.js";
import { createUser } from "../../dist/lib/lifecycle/users.js";
import { hashPassword } from "../../dist/lib/secrets/password-hash.js";
import { openStore } from "../../dist/stores/open.js";

const prefix = "gh";
const thisMachine = ["127.0.0.0/8", "::1"];
const foreign = ["10.0.0.0/8"];

/** The keys of the examples by the variable under which the examples know them. */
const keys = {
  GATEHOUSE_EXAMPLE_KEY: {
    name: "production server",
    environment: "production",
    scopes: ["orders:read", "orders:write"],
  },
  GATEHOUSE_EXAMPLE_SANDBOX_KEY: { name: "sandbox server", environment: "sandbox" },
  GATEHOUSE_EXAMPLE_PORTAL_KEY: { name: "customer of the portal", environment: "production" },
  GATEHOUSE_EXAMPLE_FOREIGN_KEY: { name: "server in 10.0.0.0/8", environment: "production", addresses: foreign },
};

/**
 * Fills the store at the first start; later only adds what was asked for. `shown` holds what is to be shown once, by
 * variable; `buttons` holds the keys of the examples' buttons, made anew at each start and kept in memory only.
 */
export async function fillStore(folder, masterKeyFile, newKey) {
  const store = openStore({ backend: "embedded", folder, now: Date.now });
  try {
    await store.ready();
    const first = (await store.list("key", { limit: 1 })).items.length === 0;
    if (first) await addDemoCallers(store, masterKeyFile);
    const shown = first ? { ...(await addKeys(store)), ...(await addUser(store)) } : newKey ? await addKey(store) : {};
    return { shown, buttons: await renewButtons(store) };
  } finally {
    await store.close();
  }
}

/** Known to everybody who reads the documentation, so good on this machine only. */
async function addDemoCallers(store, masterKeyFile) {
  const masterKey = createSecretKey(Buffer.from(readFileSync(masterKeyFile, "utf8").trim(), "base64url"));
  const { record } = importToken("abc123", { name: "demo token", addresses: thisMachine }, masterKey, context());
  await add(store, "key", record);
  const user = { name: "Test", description: "demo user", addresses: thisMachine };
  await add(store, "user", createUser(user, await hashPassword("Pass1234!"), context()));
}

async function addKeys(store) {
  const shown = {};
  for (const [variable, input] of Object.entries(keys)) {
    const { record, secret } = createKey(input, prefix, context());
    await add(store, "key", record);
    shown[variable] = secret;
  }
  return shown;
}

async function addKey(store) {
  const input = { ...keys.GATEHOUSE_EXAMPLE_KEY, name: `production server ${new Date().toISOString().slice(0, 16)}` };
  const { record, secret } = createKey(input, prefix, context());
  await add(store, "key", record);
  return { GATEHOUSE_EXAMPLE_KEY: secret };
}

async function addUser(store) {
  const name = `user-${randomBytes(3).toString("hex")}`;
  const password = randomBytes(15).toString("base64url");
  await add(store, "user", createUser({ name }, await hashPassword(password), context()));
  return { GATEHOUSE_EXAMPLE_USER: name, GATEHOUSE_EXAMPLE_PASSWORD: password };
}

/** The secrets of the last start are lost with it, so that the records get new ones. */
async function renewButtons(store) {
  const { items } = await store.list("key", { limit: 1000, search: "buttons: " });
  const buttons = {};
  for (const [variable, input] of Object.entries(keys)) {
    const name = `buttons: ${input.name}`;
    const known = items.find((record) => record.name === name && record.revokedAt === undefined);
    const { record, secret } = known
      ? rotateKey(known, { overlapMs: 0, prefix }, context())
      : createKey({ addresses: thisMachine, ...input, name, description: "New at each start." }, prefix, context());
    await add(store, "key", record);
    buttons[variable] = secret;
  }
  return buttons;
}

async function add(store, kind, record) {
  if (!(await store.put(kind, record))) throw new Error(`the ${kind} "${record.name}" was changed by somebody else`);
}

function context() {
  return { now: Date.now(), actor: "npm start" };
}
