import assert from "node:assert/strict";
import { type OpenEditor, openEditor, TAB } from "./editor-page.ts";
import { DROPPED, NETWORK, STORE } from "./flows.ts";

const at = (id: string, y: number) => ({ id, z: TAB.id, x: 300, y, wires: [[], []] });

describe("the forms", () => {
  let editor: OpenEditor;
  const field = (id: string) => editor.page.locator(`#node-input-${id}`);
  const wrong = (selector: string) => editor.page.locator(`${selector}.input-error`);

  before(async () => {
    editor = await openEditor();
    await editor.add([
      STORE,
      NETWORK,
      { ...DROPPED.basic, ...at("basic", 100), store: STORE.id },
      { ...DROPPED.token, ...at("token", 180), store: STORE.id },
      { ...DROPPED.list, ...at("list", 260) },
      { ...DROPPED.manage, ...at("manage", 340), store: STORE.id },
    ]);
  });
  after(() => editor.close());

  it("keep what is entered for basic-auth-check", async () => {
    await editor.edit("basic");
    await field("accept").selectOption("users");
    await field("realm").fill("Orders");
    await field("scope-words").fill("orders:read, orders:write orders:read");
    await field("environment").selectOption("sandbox");
    await field("hideCredentials").uncheck();
    await field("network").selectOption(NETWORK.id);
    await editor.confirm();
    const { accept, realm, scopes, environment, hideCredentials, network, valid } = await editor.node("basic");
    assert.deepEqual(
      { accept, realm, scopes, environment, hideCredentials, network, valid },
      {
        accept: "users",
        realm: "Orders",
        scopes: ["orders:read", "orders:write"],
        environment: "sandbox",
        hideCredentials: false,
        network: NETWORK.id,
        valid: true,
      },
    );
  });

  it("change nothing when they are confirmed as they are", async () => {
    for (const id of ["basic", "token", "manage"]) {
      const before = await editor.node(id);
      await editor.edit(id);
      await editor.confirm();
      assert.deepEqual(await editor.node(id), before);
    }
  });

  it("refuse a realm and scopes that no header can carry", async () => {
    await editor.edit("basic");
    await field("realm").fill("Ord");
    await field("realm").pressSequentially("€rs");
    await wrong("#node-input-realm").waitFor();
    await field("realm").hover();
    await editor.page.getByText("Realm: enter a name").waitFor();
    await field("scope-words").fill('orders"read');
    await wrong("#node-input-scope-words").waitFor();
    await editor.confirm();
    const { validationErrors } = await editor.node("basic");
    assert.equal((validationErrors as string[]).length, 2);
    await editor.edit("basic");
    await field("realm").fill("Orders");
    await field("scope-words").fill("orders:read");
    await editor.confirm();
    assert.equal((await editor.node("basic")).valid, true);
  });

  it("warn while a check only observes", async () => {
    await editor.edit("basic");
    const caution = editor.page.getByText("Nobody is kept out while this is on.");
    assert.equal(await caution.isVisible(), false);
    await field("observe").check();
    assert.equal(await caution.isVisible(), true);
    await editor.cancel();
  });

  it("take several places for a token, a scheme only for authorization, and warn of what is no header", async () => {
    await editor.edit("token");
    const { page } = editor;
    const row = (index: number) => page.locator("#gatehouse-carriers > li").nth(index);
    const caution = page.getByText("A token in the address line ends up in logs");
    await page.locator(".red-ui-editableList-addButton").click();
    await row(1).getByLabel("Name").fill("Authorization");
    assert.equal(await row(1).getByLabel("Scheme, such as Bearer").inputValue(), "Bearer");
    assert.equal(await caution.isVisible(), false);
    await page.locator(".red-ui-editableList-addButton").click();
    await row(2).getByLabel("Place").selectOption("query");
    await row(2).getByLabel("Name").fill("token");
    assert.equal(await caution.isVisible(), true);
    assert.equal(await row(2).getByLabel("Scheme, such as Bearer").isVisible(), false);
    await row(0).getByLabel("Name").fill("x auth");
    await row(0).locator(".input-error").waitFor();
    await row(0).getByLabel("Name").fill("x-auth-token");
    await editor.confirm();
    assert.deepEqual((await editor.node("token")).carriers, [
      { in: "header", name: "x-auth-token", scheme: "" },
      { in: "header", name: "authorization", scheme: "Bearer" },
      { in: "query", name: "token", scheme: "" },
    ]);
  });

  it("say what a message has to hold for an operation, and which of them make no sense", async () => {
    const { page } = editor;
    await editor.edit("manage");
    const caution = page.locator("#gatehouse-message-caution");
    await caution.waitFor();
    await field("operation").selectOption("rotate");
    await page.locator("#gatehouse-members", { hasText: "overlapSeconds (3600)" }).waitFor();
    assert.equal(await caution.isVisible(), false);
    await field("subject").selectOption("user");
    await wrong("#node-input-subject").waitFor();
    await editor.confirm();
    assert.equal((await editor.node("manage")).valid, false);
    await editor.edit("manage");
    await field("subject").selectOption("key");
    await editor.confirm();
    const { operation, subject, valid } = await editor.node("manage");
    assert.deepEqual({ operation, subject, valid }, { operation: "rotate", subject: "key", valid: true });
  });

  it("explain addresses while they are typed, and name the line of a mistake", async () => {
    await editor.edit("list");
    await editor.page.locator("#node-input-allow").fill("192.168.1.1/24  # office\n10.0.0.300");
    await editor.page
      .getByText("192.168.1.1/24 is read as 192.168.1.0/24: 256 addresses, 192.168.1.0 – 192.168.1.255")
      .waitFor();
    await editor.page.getByText("Line 2: this is no address, range or known name").waitFor();
    await editor.confirm();
    const { validationErrors } = await editor.node("list");
    assert.deepEqual(validationErrors, ["Allow, line 2: this is no address, range or known name"]);
    await editor.edit("list");
    await editor.page.locator("#node-input-allow").fill("192.168.1.0/24  # office\n10.0.0.5");
    await editor.confirm();
    const { allow, allowType, valid } = await editor.node("list");
    assert.deepEqual(
      { allow, allowType, valid },
      { allow: "192.168.1.0/24  # office\n10.0.0.5", allowType: "list", valid: true },
    );
  });

  it("read a list from elsewhere, and give the typed one back when the choice is taken back", async () => {
    const { page } = editor;
    const choose = async (name: string) => {
      await page
        .locator("#node-input-allow-source ~ .red-ui-typedInput-container .red-ui-typedInput-type-select")
        .click();
      await page.locator(".red-ui-typedInput-options:visible").getByText(name).click();
    };
    await editor.edit("list");
    await choose("file, read again when it changes");
    assert.equal(await page.locator("#node-input-allow").isVisible(), false);
    await choose("this list");
    assert.equal(await page.locator("#node-input-allow").inputValue(), "192.168.1.0/24  # office\n10.0.0.5");
    await choose("environment variable");
    await page.locator("#node-input-allow-source ~ .red-ui-typedInput-container input").fill("OFFICE");
    await editor.confirm();
    const { allow, allowType, valid } = await editor.node("list");
    assert.deepEqual({ allow, allowType, valid }, { allow: "OFFICE", allowType: "env", valid: true });
  });

  it("refuse a network that trusts everybody or nobody", async () => {
    await editor.editConfig("network-config", NETWORK.id);
    const trusted = editor.page.locator("#node-config-input-trusted");
    await trusted.fill("0.0.0.0/0");
    await editor.page.getByText("Line 1: this is every address, so anybody could claim any address").waitFor();
    await wrong("#node-config-input-trusted").waitFor();
    await trusted.fill("");
    await editor.confirm();
    assert.equal((await editor.node(NETWORK.id)).valid, false);
    await editor.editConfig("network-config", NETWORK.id);
    await trusted.fill("loopback");
    await editor.page.locator("#gatehouse-header").selectOption({ label: "another header that holds one address" });
    await editor.page.locator("#gatehouse-header-name").fill("Fly-Client-IP");
    await editor.confirm();
    const { header, valid } = await editor.node(NETWORK.id);
    assert.deepEqual({ header, valid }, { header: "fly-client-ip", valid: true });
  });

  it("name the outputs", async () => {
    const labels = await editor.page.evaluate(
      "[0, 1].map((index) => RED.nodes.node('basic')._def.outputLabels.call(RED.nodes.node('basic'), index))",
    );
    assert.deepEqual(labels, ["accepted", "rejected"]);
  });
});
