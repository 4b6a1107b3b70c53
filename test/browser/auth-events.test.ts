import assert from "node:assert/strict";
import { type OpenEditor, openEditor, TAB } from "./editor-page.ts";
import { DROPPED, STORE } from "./flows.ts";

const at = (id: string, y: number) => ({ id, z: TAB.id, x: 300, y });

describe("the form of auth-events", () => {
  let editor: OpenEditor;
  const field = (id: string) => editor.page.locator(`#node-input-${id}`);

  before(async () => {
    editor = await openEditor();
    await editor.add([
      STORE,
      { ...DROPPED.token, ...at("token", 100), wires: [[], []], name: "the door", store: STORE.id },
      { ...DROPPED.events, ...at("events", 180), wires: [[]] },
    ]);
  });
  after(() => editor.close());

  it("changes nothing when it is confirmed as it is", async () => {
    const before = await editor.node("events");
    await editor.edit("events");
    await editor.confirm();
    assert.deepEqual(await editor.node("events"), before);
  });

  it("keeps what is entered", async () => {
    await editor.edit("events");
    assert.equal(await field("within").isVisible(), false);
    await field("accepted").check();
    await field("changes").uncheck();
    await field("reason-words").fill("unknown, expired");
    await editor.page.locator("#gatehouse-check").selectOption({ label: "the door" });
    await field("store").selectOption(STORE.id);
    await field("every").fill("10");
    await field("within").fill("30");
    await field("expiryDays").fill("14");
    await editor.confirm();
    const { accepted, changes, reasons, check, store, every, within, perMinute, expiryDays, valid } =
      await editor.node("events");
    assert.deepEqual(
      { accepted, changes, reasons, check, store, every, within, perMinute, expiryDays, valid },
      {
        ...{ accepted: true, changes: false, reasons: ["unknown", "expired"], check: "token", store: STORE.id },
        ...{ every: 10, within: 30, perMinute: 60, expiryDays: 14, valid: true },
      },
    );
  });

  it("says what is wrong", async () => {
    await editor.edit("events");
    await field("every").fill("0");
    await field("reason-words").fill("Unknown!");
    await editor.confirm();
    const { valid, validationErrors } = await editor.node("events");
    assert.deepEqual([valid, (validationErrors as string[]).length], [false, 2]);
  });
});

describe("the audit file in the form of a key store", () => {
  let editor: OpenEditor;
  const field = (id: string) => editor.page.locator(`#node-config-input-${id}`);

  before(async () => {
    editor = await openEditor();
    await editor.add([STORE]);
  });
  after(() => editor.close());

  it("is asked for size and number only when there is one", async () => {
    await editor.editConfig(STORE.type, STORE.id);
    assert.equal(await field("auditMegabytes").isVisible(), false);
    await field("auditFile").fill("audit.jsonl");
    assert.equal(await field("auditMegabytes").inputValue(), "10");
    await field("auditKeep").fill("30");
    await field("auditRequired").check();
    await editor.confirm();
    const { auditFile, auditKeep, auditRequired, valid } = await editor.node(STORE.id);
    assert.deepEqual([auditFile, Number(auditKeep), auditRequired, valid], ["audit.jsonl", 30, true, true]);
  });
});
