import assert from "node:assert/strict";
import { type OpenEditor, openEditor } from "./editor-page.ts";
import { STORE } from "./flows.ts";

const servers = [
  ["redis", "redis://redis.example"],
  ["postgres", "postgres://postgres.example"],
] as const;

describe("the form of a key store on a database server", () => {
  let editor: OpenEditor;
  const field = (id: string) => editor.page.locator(`#node-config-input-${id}`);

  before(async () => {
    editor = await openEditor();
    await editor.add([STORE]);
  });
  after(() => editor.close());

  for (const [backend, address] of servers) {
    it(`asks for the address of ${backend} and what it takes to get in`, async () => {
      await editor.editConfig("key-store-config", STORE.id);
      await field("backend").selectOption("embedded");
      assert.equal(await field("url").isVisible(), false);
      await field("backend").selectOption(backend);
      assert.equal(await field("folder").isVisible(), false);
      assert.equal(await field("url").getAttribute("placeholder"), address);
      await field("url").fill(`${address}:6380`);
      await field("connectionUser").fill("gate");
      await field("connectionPassword").fill("correct horse");
      await field("staleSeconds").fill("30");
      assert.equal(await field("schema").isVisible(), backend === "postgres");
      await editor.confirm();
      const node = await editor.node(STORE.id);
      assert.deepEqual(
        { backend: node.backend, url: node.url, staleSeconds: Number(node.staleSeconds), valid: node.valid },
        { backend, url: `${address}:6380`, staleSeconds: 30, valid: true },
      );
      assert.doesNotMatch(await editor.exported(), /correct horse|gate"/);
    });

    it(`refuses an address of ${backend} that holds a password, or is none`, async () => {
      const problems = async (url: string) => {
        await editor.editConfig("key-store-config", STORE.id);
        await field("url").fill(url);
        await editor.confirm();
        return (await editor.node(STORE.id)).validationErrors as readonly string[];
      };
      const [withPassword] = await problems(address.replace("//", "//gate:secret@"));
      assert.match(String(withPassword), /its own field/);
      for (const wrong of ["", "redis.example", "http://redis.example", `${backend}://`]) {
        assert.match(String((await problems(wrong))[0]), /begins with/, wrong);
      }
      for (const right of [`\${STORE_ADDRESS}`, "file:/run/secrets/address", `${address}/2`]) {
        assert.deepEqual(await problems(right), []);
      }
    });
  }

  it("refuses a schema that PostgreSQL would need quotes for", async () => {
    const problems = async (schema: string) => {
      await editor.editConfig("key-store-config", STORE.id);
      await field("backend").selectOption("postgres");
      await field("url").fill("postgres:///keys?host=/run/postgresql");
      await field("schema").fill(schema);
      await editor.confirm();
      return (await editor.node(STORE.id)).validationErrors as readonly string[];
    };
    for (const wrong of ["Keys", "1st", "pg_keys", "a-b"]) assert.match(String((await problems(wrong))[0]), /Schema/);
    for (const right of ["keys", "gatehouse_2"]) assert.deepEqual(await problems(right), []);
  });
});
