import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import type { StoreFault } from "../../lib/errors.ts";
import { embeddedStore } from "../../stores/embedded.ts";
import { faulty } from "./contract-kit.ts";
import { keyRecord, userRecord } from "./records.ts";
import { temporaryFolder } from "./temporary.ts";

const now = Date.now;
const keys = Array.from({ length: 200 }, (_, index) => keyRecord(`k${index}`));
let sound: string;

/** A copy of a store with 200 keys and a user that is larger than a page. */
function copy(): string {
  const folder = temporaryFolder();
  cpSync(sound, folder, { recursive: true });
  return folder;
}

function data(folder: string): string {
  return join(folder, "gatehouse.mdb");
}

function contents(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => !name.endsWith("-lock"));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "base64")]));
}

async function assertRefused(folder: string, code: StoreFault, expectedStoreId?: string): Promise<void> {
  const before = contents(folder);
  const store = embeddedStore({ folder, now, ...(expectedStoreId && { expectedStoreId }) });
  const operations: readonly (() => unknown)[] = [
    () => store.ready(),
    () => store.get("key", "k1"),
    () => store.put("key", keyRecord("new")),
    () => store.list("key", { limit: 1 }),
    () => store.take("b", { capacity: 1, windowMs: 1 }, 1, 1),
    () => store.claim("n", 2, 1),
  ];
  for (const operation of operations) await assert.rejects(async () => operation(), faulty(code));
  await store.close();
  assert.deepEqual(contents(folder), before, "nothing is written over");
}

async function assertSound(folder: string): Promise<void> {
  const store = embeddedStore({ folder, now });
  assert.equal((await store.list("key", { limit: 1_000 })).items.length, keys.length);
  await store.close();
}

before(async () => {
  sound = temporaryFolder();
  const store = embeddedStore({ folder: sound, now });
  await Promise.all(keys.map((key) => store.put("key", key)));
  await store.put("user", userRecord("big", { description: "x".repeat(20_000) }));
  await store.close();
});

describe("damaged data of the embedded store", () => {
  const texts = {
    "no bytes": "",
    "half an object": '{"keys":[',
    null: "null",
    "a list": "[]",
    noise: "x".repeat(50_000),
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`are refused and kept: ${name}`, () => {
      const folder = copy();
      writeFileSync(data(folder), text);
      return assertRefused(folder, "damaged");
    });
  }

  it("are refused and kept when no marker says that there was a store", async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    writeFileSync(data(folder), '{"keys":[');
    await assertRefused(folder, "damaged");
  });

  it("are refused and kept, wherever they were cut off", async () => {
    const whole = readFileSync(data(sound)).length;
    for (const size of [1, 100, 4_096, 8_192, 12_288, whole >> 1, whole - 4_096, whole - 1]) {
      const folder = copy();
      truncateSync(data(folder), size);
      await assertRefused(folder, "damaged");
    }
  });

  it("are refused and kept when any page in use is overwritten", async () => {
    const bytes = readFileSync(data(sound));
    let refused = 0;
    for (let position = 0; position < bytes.length; position += 4_096) {
      const folder = copy();
      const noise = Buffer.from(bytes).fill(0xa5, position, position + 4_096);
      writeFileSync(data(folder), noise);
      const store = embeddedStore({ folder, now });
      await store.ready().catch((error) => {
        refused += faulty("damaged")(error) ? 1 : 0;
        assert.ok(readFileSync(data(folder)).equals(noise));
      });
      await store.close();
    }
    assert.ok(refused * 4_096 > bytes.length / 2, `of ${bytes.length / 4_096} pages only ${refused} were looked at`);
  });

  it("are refused and kept when another version of LMDB wrote them", () => {
    const folder = copy();
    const bytes = readFileSync(data(folder));
    for (const page of [0, 4_096]) bytes.writeUInt32LE(3, page + 28);
    writeFileSync(data(folder), bytes);
    return assertRefused(folder, "unknown-version");
  });

  it("are refused and kept when another program keeps other things in them", async () => {
    const folder = temporaryFolder();
    mkdirSync(folder);
    const other = open({ path: data(folder) });
    await other.put("theirs", { keep: true });
    await other.close();
    await assertRefused(folder, "damaged");
  });
});

describe("a store that is not the one that was there", () => {
  it("is missed when its data are gone", async () => {
    const folder = copy();
    renameSync(data(folder), `${data(folder)}.away`);
    await assertRefused(folder, "missing");
    renameSync(`${data(folder)}.away`, data(folder));
    await assertSound(folder);
  });

  it("is missed when the whole folder is gone, and its id is known", async () => {
    const folder = temporaryFolder();
    const store = embeddedStore({ folder, now, expectedStoreId: "A".repeat(22) });
    await assert.rejects(store.ready(), faulty("missing"));
    await store.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is missed when another is in its place", () => assertRefused(copy(), "missing", "A".repeat(22)));

  it("is damaged when data and marker are not of the same store", async () => {
    const folder = copy();
    const other = temporaryFolder();
    const store = embeddedStore({ folder: other, now });
    await store.ready();
    await store.close();
    cpSync(join(other, "STORE.json"), join(folder, "STORE.json"));
    await assertRefused(folder, "damaged");
  });

  it("gets its marker again when only that is gone", async () => {
    const folder = copy();
    const marker = readFileSync(join(folder, "STORE.json"), "utf8");
    rmSync(join(folder, "STORE.json"));
    await assertSound(folder);
    assert.equal(readFileSync(join(folder, "STORE.json"), "utf8"), marker);
  });

  const markers: readonly (readonly [string, object, StoreFault])[] = [
    ["of a later version", { version: 2 }, "unknown-version"],
    ["of another format", { format: "else" }, "damaged"],
    ["without a version", { version: "1" }, "damaged"],
    ["without an id", { storeId: "" }, "damaged"],
    ["without a date", { createdAt: "today" }, "damaged"],
  ];
  for (const [name, changes, code] of markers) {
    it(`is refused with a marker ${name}`, () => {
      const folder = copy();
      const path = join(folder, "STORE.json");
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...changes }));
      return assertRefused(folder, code);
    });
  }

  for (const text of ["", "null", "[]", '{"format":']) {
    it(`is refused with ${text || "nothing"} for a marker`, () => {
      const folder = copy();
      writeFileSync(join(folder, "STORE.json"), text);
      return assertRefused(folder, "damaged");
    });
  }
});

describe("a record that something else wrote", () => {
  const foreign: Readonly<Record<string, string>> = {
    "no JSON": '{"id":',
    nothing: "null",
    "a list": "[]",
    "an empty object": "{}",
    "no digest": JSON.stringify({ ...keyRecord("x"), secrets: [{ digest: "", lastFour: "", createdAt: 1 }] }),
    "an end that is no time": JSON.stringify({ ...keyRecord("x"), expiresAt: "never" }),
    "a flag that is text": JSON.stringify({ ...keyRecord("x"), disabled: "false" }),
    "another id": JSON.stringify(keyRecord("y")),
  };
  it("is denied, and no other record is", async () => {
    const folder = copy();
    const root = open({ path: data(folder), encoding: "string", keyEncoding: "binary", overlappingSync: false });
    const table = root.openDB("keys", { encoding: "string", keyEncoding: "binary" });
    for (const [id, text] of Object.entries(foreign))
      await table.put(Buffer.from(id), text.replaceAll('"x"', `"${id}"`));
    await root.close();
    const store = embeddedStore({ folder, now });
    for (const id of Object.keys(foreign)) {
      await assert.rejects(async () => store.get("key", id), faulty("damaged"), id);
      await assert.rejects(store.put("key", keyRecord(id, { version: 2 })), faulty("damaged"), id);
    }
    assert.deepEqual(await store.get("key", "k1"), keyRecord("k1"));
    assert.equal((await store.list("key", { limit: 1_000 })).items.length, keys.length);
    await store.close();
  });
});
