import { postgresStore } from "../../stores/postgres.ts";
import { storeContract } from "./contract.ts";
import { describePostgres, optionsFor } from "./postgres-kit.ts";

describePostgres("a PostgreSQL server", (server) => {
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
