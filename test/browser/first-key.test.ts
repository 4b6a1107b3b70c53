import assert from "node:assert/strict";
import { type OpenEditor, openEditor } from "./editor-page.ts";
import { DROPPED, protectedEndpoint } from "./flows.ts";

describe("the way from a dropped check to a working key", () => {
  let editor: OpenEditor;
  let key = "";
  const call = async (headers: Record<string, string> = {}) =>
    (await fetch(`${editor.nodeRed.url}/orders`, { headers })).status;

  before(async () => {
    editor = await openEditor();
    await editor.add(protectedEndpoint(DROPPED.token));
  });
  after(() => editor.close());

  it("marks a check without a key store, and says what to do", async () => {
    const { valid, validationErrors } = await editor.node("check");
    assert.equal(valid, false);
    assert.deepEqual(validationErrors, ["Key store: choose one, or add one with the + button"]);
    await editor.edit("check");
    await editor.page.getByText("Add a key store with the + button").waitFor();
  });

  it("makes the store from the check's dialog", async () => {
    await editor.page.locator("#node-input-btn-store-add").click();
    await editor.page.locator("#node-config-input-name").fill("Partners");
    await editor.page.getByText("Deploy first, then create keys here.").waitFor();
    await editor.confirm();
    await editor.page.getByText("Deploy first, then open the key store to create a key.").waitFor();
    await editor.confirm();
    assert.equal((await editor.node("check")).valid, true);
  });

  it("refuses everybody once it is deployed", async () => {
    await editor.deploy();
    assert.equal(await call(), 401);
  });

  it("leads from the check to its store, and shows a new key once", async () => {
    const { page } = editor;
    await editor.edit("check");
    await page.getByText("No key or user is in this store yet").waitFor();
    await page.getByRole("button", { name: "Open the key store" }).click();
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("Give it a name").waitFor();
    await page.locator(".gatehouse-box").getByLabel("Name", { exact: true }).fill("Partner A");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("This is shown only now.").waitFor();
    key = await editor.revealed(0);
    assert.match(key, /^gh_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    const curl = await editor.revealed(1);
    assert.ok(curl.startsWith(`curl -H 'x-auth-token: ${key}' ${editor.nodeRed.url}/`), curl);
  });

  it("copies the key", async () => {
    await editor.page.getByRole("button", { name: "Copy" }).first().click();
    assert.equal(await editor.page.evaluate(() => navigator.clipboard.readText()), key);
  });

  it("takes the key out of the page when the person has it", async () => {
    await editor.page.getByRole("button", { name: "I have it" }).click();
    assert.ok(!(await editor.everythingShown()).includes(key));
    await editor.page.getByRole("cell", { name: "Partner A", exact: true }).waitFor();
  });

  it("lets the key through without another deploy", async () => {
    assert.equal(await call({ "x-auth-token": key }), 200);
    assert.equal(await call({ "x-auth-token": `${key}x` }), 401);
  });

  it("makes a user, and says what is wrong with a password", async () => {
    const { page } = editor;
    await page.getByRole("button", { name: "Create user" }).click();
    await page.getByLabel("User name").fill("Test");
    await page.locator(".gatehouse-box").getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("password takes at least 8 characters").waitFor();
    await page.locator(".gatehouse-box").getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("cell", { name: "Test", exact: true }).waitFor();
    assert.ok(!(await editor.everythingShown()).includes("correct horse battery"));
  });

  it("revokes a key only after asking", async () => {
    const { page } = editor;
    await page.getByRole("button", { name: "Revoke the key Partner A" }).click();
    await page.locator(".red-ui-notification").getByRole("button", { name: "Cancel" }).click();
    assert.equal(await call({ "x-auth-token": key }), 200);
    await page.getByRole("button", { name: "Revoke the key Partner A" }).click();
    await page.locator(".red-ui-notification").last().getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("cell", { name: "revoked", exact: true }).waitFor();
    assert.equal(await call({ "x-auth-token": key }), 401);
  });
});
