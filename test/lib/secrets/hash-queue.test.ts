import assert from "node:assert/strict";
import { OverloadError } from "../../../lib/errors.ts";
import { defaultHashConcurrency, type HashQueue, hashQueue } from "../../../lib/secrets/hash-queue.ts";

/** A task that ends when told to. */
function gate() {
  let open = (_: string): void => {};
  const opened = new Promise<string>((resolve) => {
    open = resolve;
  });
  return { task: () => opened, open };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const never = () => assert.fail("must not run");

describe("hashQueue", () => {
  it("runs no more tasks at a time than allowed", async () => {
    const queue = hashQueue({ concurrency: 2 });
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      await turn();
      running--;
    };
    await Promise.all(Array.from({ length: 8 }, () => queue.run(task)));
    assert.equal(most, 2);
  });

  it("hands on results and errors, thrown or rejected, and goes on after them", async () => {
    const queue = hashQueue({ concurrency: 1 });
    const thrown = queue.run(() => {
      throw new Error("thrown");
    });
    const rejected = queue.run(() => Promise.reject(new Error("rejected")));
    const result = queue.run(async () => "result");
    await assert.rejects(thrown, /thrown/);
    await assert.rejects(rejected, /rejected/);
    assert.equal(await result, "result");
  });

  it("refuses at once, without running the task, when as many wait as may", async () => {
    const queue = hashQueue({ concurrency: 1, limit: 2 });
    const first = gate();
    const running = queue.run(first.task);
    const waiting = ["a", "b"].map((source) => queue.run(async () => source, source));
    await assert.rejects(
      queue.run(never, "c"),
      (error) => error instanceof OverloadError && error.retryAfterSeconds > 0,
    );
    first.open("done");
    assert.deepEqual(await Promise.all([running, ...waiting]), ["done", "a", "b"]);
  });

  it("lets 32 wait by default, 8 of one source", async () => {
    const queue = hashQueue({ concurrency: 1 });
    const first = gate();
    const running = queue.run(first.task, "a");
    const settled = Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => queue.run(async () => {}, `source ${index % 6}`)),
    );
    first.open("done");
    await running;
    const fulfilled = (await settled).filter(({ status }) => status === "fulfilled");
    assert.equal(fulfilled.length, 32);
    const alone = Array.from({ length: 12 }, () => queue.run(turn, "a"));
    assert.equal((await Promise.allSettled(alone)).filter(({ status }) => status === "fulfilled").length, 9);
  });

  it("lets a caller through next while another source floods", async () => {
    const queue = hashQueue({ concurrency: 1 });
    const order: string[] = [];
    const flood = () => Array.from({ length: 20 }, () => queue.run(async () => order.push("flood"), "flood"));
    const flooding = Promise.allSettled(flood());
    const caller = queue.run(async () => order.push("caller"), "caller");
    await Promise.all([caller, flooding]);
    assert.ok(order.indexOf("caller") <= 2, order.join());
  });

  it("makes room for a new source when several have filled the queue", async () => {
    const queue = hashQueue({ concurrency: 1, limit: 4, perSource: 2 });
    const first = gate();
    const running = queue.run(first.task);
    const flooding = ["a", "a", "b", "b"].map((source) => queue.run(async () => source, source));
    const outcome = Promise.allSettled(flooding);
    const caller = queue.run(async () => "caller", "caller");
    first.open("");
    assert.equal(await caller, "caller");
    await running;
    const statuses = (await outcome).map(({ status }) => status);
    assert.deepEqual(statuses, ["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  });

  it("refuses what waits and what comes once closed, and lets running tasks end", async () => {
    const queue = hashQueue({ concurrency: 1 });
    const first = gate();
    const running = queue.run(first.task);
    const waiting = queue.run(never);
    queue.close();
    await assert.rejects(waiting, OverloadError);
    await assert.rejects(queue.run(never), OverloadError);
    first.open("done");
    assert.equal(await running, "done");
  });
});

describe("singleFlight", () => {
  const counted = (queue: HashQueue) => {
    let runs = 0;
    const task = async () => {
      await turn();
      return ++runs;
    };
    return { fly: (key: string) => queue.singleFlight(key, task, "a"), runs: () => runs };
  };

  it("shares one task among callers with the same key", async () => {
    const { fly, runs } = counted(hashQueue({ concurrency: 1 }));
    assert.deepEqual(await Promise.all([fly("k"), fly("k"), fly("other"), fly("k")]), [1, 1, 2, 1]);
    assert.equal(runs(), 2);
  });

  it("starts anew once the task has ended, well or badly", async () => {
    const queue = hashQueue();
    const { fly } = counted(queue);
    assert.equal(await fly("k"), 1);
    assert.equal(await fly("k"), 2);
    await assert.rejects(
      queue.singleFlight("k", () => Promise.reject(new Error("bad"))),
      /bad/,
    );
    assert.equal(await fly("k"), 3);
  });
});

describe("defaultHashConcurrency", () => {
  it("is 1 on a small machine with the usual thread pool, 2 elsewhere", () => {
    assert.equal(defaultHashConcurrency("", 2), 2);
    assert.equal(defaultHashConcurrency("8", 2), 2);
    assert.equal(defaultHashConcurrency(undefined, 4), 2);
    // `undefined` would select the setting of this process.
    const saved = process.env.UV_THREADPOOL_SIZE;
    delete process.env.UV_THREADPOOL_SIZE;
    try {
      assert.equal(defaultHashConcurrency(undefined, 3), 1);
      assert.ok([1, 2].includes(defaultHashConcurrency()));
    } finally {
      if (saved !== undefined) process.env.UV_THREADPOOL_SIZE = saved;
    }
  });
});
