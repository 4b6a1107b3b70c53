// Laid over the settings of the Node-RED under test: counters that its function nodes keep, and faults on demand.
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");

const fromPackage = createRequire(join(__dirname, "../../../package.json"));

/** Messages that reached a check and left it by each output, by the name of the route. */
const counters = new Map();

/** How far the wall clock was set; code takes `Date.now` once, so it is wrapped before any is loaded. */
let shiftMs = 0;
const realNow = Date.now;
Date.now = () => realNow() + shiftMs;

const harness = {
  hashes: 0,
  delayHashMs: 0,
  count(route, what) {
    const counted = counters.get(route) ?? { seen: 0, out1: 0, out2: 0 };
    counted[what] += 1;
    counters.set(route, counted);
  },
  /** Members of the prototype that every object of the runtime has. */
  report(msg) {
    return {
      counters: Object.fromEntries(counters),
      hashes: harness.hashes,
      prototype: Object.getOwnPropertyNames(Object.getPrototypeOf(msg)).sort(),
      rss: process.memoryUsage().rss,
    };
  },
  command({ delayHashMs, clockShiftMs, breakMethod, manner, afterMs }) {
    if (clockShiftMs !== undefined) shiftMs = Number(clockShiftMs);
    if (delayHashMs !== undefined) harness.delayHashMs = Number(delayHashMs);
    if (breakMethod !== undefined) breakStore(breakMethod, manner, Number(afterMs ?? 0));
  },
};

watchHashes();

module.exports = { functionGlobalContext: { harness } };

/** Counts and delays the comparisons of password hashes. Must run before the package is loaded. */
function watchHashes() {
  for (const name of ["@node-rs/argon2", "@node-rs/bcrypt"]) {
    const library = fromPackage(name);
    const { verify } = library;
    const watched = async (...given) => {
      harness.hashes += 1;
      if (harness.delayHashMs > 0) await new Promise((resolve) => setTimeout(resolve, harness.delayHashMs));
      return verify(...given);
    };
    Object.defineProperty(library, "verify", { value: watched, writable: true, configurable: true, enumerable: true });
  }
}

/** Until the next deploy, a method of the store fails as asked. */
function breakStore(method, manner, afterMs) {
  const { nodes } = require(join(dirname(process.argv[1]), "lib/red.js"));
  const { store } = nodes.getNode("store").handle;
  if (typeof store[method] !== "function") throw new Error(`the store has no ${method}`);
  store[method] = () => {
    if (manner === "throws") throw new Error("broken by the harness");
    if (manner === "hangs") return new Promise(() => undefined);
    return new Promise((_, reject) => setTimeout(reject, afterMs, new Error("broken by the harness")));
  };
}
