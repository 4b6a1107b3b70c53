import assert from "node:assert/strict";
import { usageLog } from "../../lib/usage.ts";

const minute = 60_000;

function clocked(entries?: number) {
  let time = 1_700_000_000_000;
  const log = usageLog({ now: () => time, ...(entries !== undefined && { entries }) });
  const begin = time;
  return {
    ...log,
    begin,
    pass: (ms: number) => {
      time += ms;
    },
    use: (id: string, digest?: string, from = "192.0.2.1") =>
      log.note(digest === undefined ? "user" : "key", id, digest, () => from),
  };
}

describe("usageLog", () => {
  it("hands out when, from where and by which secret a record was used", () => {
    const { use, due, pass, begin } = clocked();
    use("k1", "d1");
    pass(1500);
    use("k1", "d2", "192.0.2.2");
    use("alice", undefined, "192.0.2.3");
    assert.deepEqual(due(), [
      {
        kind: "key",
        id: "k1",
        at: begin + 1500,
        from: "192.0.2.2",
        secrets: [
          { digest: "d1", at: begin },
          { digest: "d2", at: begin + 1500 },
        ],
      },
      { kind: "user", id: "alice", at: begin + 1500, from: "192.0.2.3", secrets: [] },
    ]);
    assert.deepEqual(due(), []);
  });

  it("hands out a record at most once a minute, and at the end whatever is left", () => {
    const { use, due, pass, begin } = clocked();
    use("k1", "d1");
    assert.equal(due().length, 1);
    pass(10_000);
    use("k1", "d1");
    assert.deepEqual(due(), []);
    assert.equal(due(true)[0]?.at, begin + 10_000);
    pass(10_000);
    use("k1", "d1");
    pass(minute);
    assert.equal(due()[0]?.at, begin + 20_000);
  });

  it("asks from where at most once a second for each secret, so that time and place belong together", () => {
    const { note, pass, due, begin } = clocked();
    let asked = 0;
    const from = () => `192.0.2.${++asked}`;
    for (let i = 0; i < 1000; i++) note("key", "k1", "d1", from);
    assert.equal(asked, 1);
    note("key", "k1", "d2", from);
    note("user", "k1", undefined, from);
    note("user", "k1", undefined, from);
    assert.equal(asked, 3);
    pass(1000);
    note("key", "k1", "d1", from);
    const [{ at, from: last } = { at: 0, from: "" }] = due();
    assert.deepEqual([at, last], [begin + 1000, "192.0.2.4"]);
  });

  it("takes back what could not be written, but nothing that is older than what was noted since", () => {
    const { use, due, failed, pass, begin } = clocked();
    use("k1", "d1");
    use("alice");
    const uses = due();
    failed(uses);
    assert.deepEqual(due(), uses);
    failed(uses);
    pass(5000);
    use("k1", "d2", "192.0.2.9");
    const [key] = due();
    assert.deepEqual([key?.at, key?.from], [begin + 5000, "192.0.2.9"]);
    assert.deepEqual(
      key?.secrets.toSorted((one, other) => (one.digest < other.digest ? -1 : 1)),
      [
        { digest: "d1", at: begin },
        { digest: "d2", at: begin + 5000 },
      ],
    );
    pass(5000);
    use("k1", "d1");
    failed([key!]);
    assert.deepEqual(
      due()[0]?.secrets.find(({ digest }) => digest === "d1"),
      { digest: "d1", at: begin + 10_000 },
    );
  });

  it("remembers so many records at most, and forgets those that are written", () => {
    const { use, due, failed, pass } = clocked(2);
    for (const id of ["k1", "k2", "k3"]) use(id, "d");
    const uses = due();
    assert.deepEqual(
      uses.map(({ id }) => id),
      ["k1", "k2"],
    );
    pass(minute);
    assert.deepEqual(due(), []);
    for (const id of ["k3", "k4"]) use(id, "d");
    failed(uses);
    assert.deepEqual(
      due().map(({ id }) => id),
      ["k3", "k4"],
    );
  });
});
