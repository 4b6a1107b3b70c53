import { postgresStore } from "../../stores/postgres.ts";
import { storeContract } from "./contract.ts";
import { describePostgres, optionsFor } from "./postgres-kit.ts";
import { provesRevocation } from "./revocation.ts";

describePostgres("a PostgreSQL server", (server) => {
  it("shows a revocation to another process within a second, 200 times, under constant use", async () => {
    const { now: _, ...options } = optionsFor(server());
    const store = postgresStore({ ...options, now: Date.now });
    await provesRevocation(store, { backend: "postgres", ...options });
    await store.close();
  });

  storeContract(
    "the PostgreSQL store",
    async ({ keys, users }) => {
      const options = optionsFor(server());
      const store = postgresStore(options);
      for (const key of keys) await store.put("key", key);
      for (const user of users) await store.put("user", user);
      const other = async () => postgresStore(options);
      return {
        store,
        other,
        async reopen() {
          await store.close();
          return other();
        },
      };
    },
    { writable: true, durable: true, shared: true },
  );
});
