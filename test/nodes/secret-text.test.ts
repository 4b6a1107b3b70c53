import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../lib/errors.ts";
import { masterKeyOf } from "../../nodes/key-store-config/master-key.ts";
import { secretText } from "../../nodes/key-store-config/secret-text.ts";

/** What a person types to name a variable. */
const variable = (name: string) => `\${${name}}`;

describe("the text of a secret", () => {
  let folder: string;
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const refused = (text: string, env: NodeJS.ProcessEnv = {}) =>
    assert.throws(
      () => secretText("password", text, env),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.option, "password");
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-secret-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is itself, or nothing when it is empty", () => {
    assert.equal(secretText("password", " hunter2 $x ", {}), " hunter2 $x ");
    for (const empty of [undefined, "", "  "]) assert.equal(secretText("password", empty, {}), undefined);
  });

  it("is that of a variable, or of the file that it names", () => {
    const path = file("one", "hunter2\n");
    assert.equal(secretText("password", variable("PASSWORD"), { PASSWORD: "hunter2" }), "hunter2");
    assert.equal(secretText("password", variable("PASSWORD"), { PASSWORD_FILE: path }), "hunter2");
    refused(variable("PASSWORD"));
    refused(variable("PASSWORD"), { PASSWORD: "" });
    refused(variable("constructor"));
  });

  it("is never the name of a variable, which Node-RED also takes in round brackets", () => {
    assert.equal(secretText("password", "$(PASSWORD)", { PASSWORD: "hunter2" }), "hunter2");
    refused("$(PASSWORD)");
    refused(" $(PASSWORD) ");
  });

  it("is that of a file, without the line feed at its end", () => {
    assert.equal(secretText("password", `file:${file("a", "hunter2\n")}`, {}), "hunter2");
    assert.equal(secretText("password", `file:${file("b", "hunter2\r\n")}`, {}), "hunter2");
    assert.equal(secretText("password", `file:${file("c", " two\nlines ")}`, {}), " two\nlines ");
  });

  it("is refused when the file is missing, empty, a folder or too large", () => {
    refused(`file:${folder}/none`);
    refused(`file:${folder}`);
    refused(`file:${file("empty", "\n")}`);
    refused(`file:${file("large", "hunter2".repeat(10_000))}`);
  });
});

describe("the master key", () => {
  const bytes = Buffer.alloc(32, 0xfb);

  it("is base64 of 32 bytes in either alphabet", () => {
    for (const text of [bytes.toString("base64url"), bytes.toString("base64"), ` ${bytes.toString("base64")}\n`]) {
      assert.deepEqual(masterKeyOf(text, {})?.export(), bytes);
    }
  });

  it("is nothing that the decoder would have to skip parts of", () => {
    for (const text of ["a sentence that is long enough for thirty-two bytes", "=".repeat(43), "A".repeat(42)]) {
      assert.throws(() => masterKeyOf(text, {}), ConfigError);
      assert.throws(() => masterKeyOf(undefined, { GATEHOUSE_MASTER_KEY: text }), ConfigError);
    }
  });
});
