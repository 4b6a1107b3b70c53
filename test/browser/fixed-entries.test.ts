import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type OpenEditor, openEditor } from "./editor-page.ts";
import { DROPPED, protectedEndpoint, STORE } from "./flows.ts";

const OWN_TOKEN = "a-token-that-was-in-use-before-41";
const PASSWORD = "correct horse battery";
const FROM_ENVIRONMENT = "the-value-of-the-variable-0815";

describe("keys and users that are deployed with the flow", () => {
  let editor: OpenEditor;
  let key = "";
  const call = async (headers: Record<string, string> = {}) =>
    (await fetch(`${editor.nodeRed.url}/orders`, { headers })).status;
  const basic = (name: string, password: string) =>
    call({ authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` });
  const entry = (index: number) => editor.page.locator("#gatehouse-entries > li").nth(index);
  const addEntry = async (index: number, name: string, type: "key" | "user") => {
    await editor.page.locator("#gatehouse-entries-row .red-ui-editableList-addButton").click();
    await entry(index).getByLabel("Kind").selectOption(type);
    await entry(index).getByLabel("Name", { exact: true }).fill(name);
  };

  before(async () => {
    editor = await openEditor({ env: { PARTNER_TOKEN: FROM_ENVIRONMENT } });
    const token = protectedEndpoint({ ...DROPPED.token, store: STORE.id });
    const basicCheck = { ...DROPPED.basic, id: "second", z: "tab1", x: 360, y: 180, store: STORE.id };
    await editor.add([
      { ...STORE, backend: "credentials" },
      // What the token check refuses, the password may still let in.
      ...token.map((node) => (node.id === "check" ? { ...node, wires: [["body"], ["second"]] } : node)),
      { ...basicCheck, wires: [["body"], ["out"]] },
    ]);
    await editor.editConfig("key-store-config", STORE.id);
  });
  after(() => editor.close());

  it("says that a new entry needs a secret", async () => {
    await addEntry(0, "Partner A", "key");
    await entry(0).getByText("This entry needs a secret.").waitFor();
  });

  it("generates a key and shows it once", async () => {
    await entry(0).getByRole("button", { name: "Generate key" }).click();
    key = await editor.revealed(0);
    assert.match(key, /^gh_live_/);
    await entry(0).getByText("The secret is set.").waitFor();
    await entry(0).getByRole("button", { name: "I have it" }).click();
    assert.ok(!(await editor.everythingShown()).includes(key));
  });

  it("takes over a token, a password and a variable's name", async () => {
    await addEntry(1, "Partner B", "key");
    await entry(1).getByLabel("or a token of your own").fill(OWN_TOKEN);
    await entry(1).getByLabel("or a token of your own").blur();
    await entry(1).getByText("The secret is set.").waitFor();
    await addEntry(2, "Partner C", "key");
    await entry(2).getByLabel("Where the secret comes from").selectOption("environment");
    await entry(2).getByLabel("Name of the variable").fill("PARTNER_TOKEN");
    await entry(2).getByText("Read from the environment").waitFor();
  });

  it("hashes a password that is still in its field when the dialog is confirmed", async () => {
    await addEntry(3, "Test", "user");
    await entry(3).getByLabel("Password").fill(PASSWORD);
    await editor.page.evaluate(() => (document.getElementById("node-config-dialog-ok") as HTMLElement).click());
    await editor.page.waitForTimeout(400);
    const { entries } = (await editor.node(STORE.id)) as { entries: { slot: number; name: string; id: string }[] };
    assert.deepEqual(
      entries.map(({ slot, name }) => [slot, name]),
      [
        [0, "Partner A"],
        [1, "Partner B"],
        [2, "Partner C"],
        [3, "Test"],
      ],
    );
    assert.equal(entries[0]?.id, key.split("_")[2]);
  });

  it("lets each of them in after the deploy", async () => {
    await editor.deploy();
    assert.equal(await call(), 401);
    assert.equal(await call({ "x-auth-token": key }), 200);
    assert.equal(await call({ "x-auth-token": OWN_TOKEN }), 200);
    assert.equal(await call({ "x-auth-token": FROM_ENVIRONMENT }), 200);
    assert.equal(await basic("Test", PASSWORD), 200);
    assert.equal(await basic("Test", `${PASSWORD}!`), 401);
  });

  it("leaves no secret in the page, the flows, an export or a file", async () => {
    const file = (name: string) => readFileSync(join(editor.nodeRed.userDir, name), "utf8");
    const flows = await (await fetch(`${editor.nodeRed.adminUrl}/flows`)).text();
    await editor.editConfig("key-store-config", STORE.id);
    const credentials = await (
      await fetch(`${editor.nodeRed.adminUrl}/credentials/key-store-config/${STORE.id}`)
    ).text();
    const places = {
      page: await editor.everythingShown(),
      export: await editor.exported(),
      flows,
      credentials,
      "flows.json": file("flows.json"),
      "flows_cred.json": file("flows_cred.json"),
    };
    for (const [place, text] of Object.entries(places)) {
      for (const secret of [key, OWN_TOKEN, PASSWORD, FROM_ENVIRONMENT]) assert.ok(!text.includes(secret), place);
    }
    const { masterKey } = JSON.parse(file("flows_cred.json"))[STORE.id];
    assert.match(masterKey, /^[\w-]{43}$/);
    for (const place of ["page", "export", "flows", "credentials", "flows.json"] as const) {
      assert.ok(!places[place].includes(masterKey), place);
    }
    await editor.cancel();
  });

  it("keeps the other entries when one is removed and another added", async () => {
    await editor.editConfig("key-store-config", STORE.id);
    await entry(0).locator(".red-ui-editableList-item-remove").click();
    await editor.page.waitForTimeout(400); // The entry fades away.
    await addEntry(3, "Partner D", "key");
    await entry(3).getByRole("button", { name: "Generate key" }).click();
    const second = await editor.revealed(0);
    await editor.confirm();
    await editor.deploy();
    assert.equal(await call({ "x-auth-token": key }), 401);
    assert.equal(await call({ "x-auth-token": second }), 200);
    assert.equal(await call({ "x-auth-token": OWN_TOKEN }), 200);
    assert.equal(await basic("Test", PASSWORD), 200);
  });

  it("changes nothing when the dialog is cancelled", async () => {
    await editor.editConfig("key-store-config", STORE.id);
    await entry(0).locator(".red-ui-editableList-item-remove").click();
    await editor.cancel();
    assert.equal(((await editor.node(STORE.id)) as { entries: unknown[] }).entries.length, 4);
    assert.equal(await editor.page.evaluate("RED.nodes.dirty()"), false);
  });

  it("marks every entry of an imported export as in need of a secret", async () => {
    const exported = JSON.parse(await editor.exported()) as { id: string; type: string }[];
    const copy = exported.filter(({ type }) => type === "key-store-config").map((node) => ({ ...node, id: "copy" }));
    await editor.add(copy);
    await editor.editConfig("key-store-config", "copy");
    assert.equal(await editor.page.getByText(/^This entry needs a secret|^Enter the name of a variable/).count(), 4);
    await editor.cancel();
  });

  it("wants a new key when the environment in it no longer fits", async () => {
    await editor.editConfig("key-store-config", STORE.id);
    await entry(3).getByLabel("Environment").selectOption("sandbox");
    await entry(3).getByText("This entry needs a secret.").waitFor();
    await entry(3).getByRole("button", { name: "Generate key" }).click();
    assert.match(await editor.revealed(0), /^gh_test_/);
    await editor.cancel();
  });
});
