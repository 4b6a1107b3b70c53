import type { Family, PureCase } from "./corpus.ts";
import type { Outcome } from "./report.ts";

export type PureRunner = (one: PureCase) => Outcome | Promise<Outcome>;

/** The adapter of each family: the file beside this one, and the function in it. */
const adapters: Readonly<Partial<Record<Family, readonly [file: string, run: string]>>> = {
  "auth-combination": ["./combination-cases.ts", "runCombination"],
  "basic-auth": ["./secrets-cases.ts", "runBasicAuth"],
  "bearer-and-challenge": ["./secrets-cases.ts", "runBearer"],
  forwarded: ["./net-cases.ts", "runForwarded"],
  htpasswd: ["./secrets-cases.ts", "runHtpasswd"],
  "ip-cidr": ["./net-cases.ts", "runIpCidr"],
};

export async function runPure(one: PureCase & { readonly family: Family }): Promise<Outcome> {
  if (one.adopt === false) return "unsupported: no target: the case describes another system (adopt: false)";
  const run = await adapter(one.family);
  if (!run) return `unsupported: ${one.family} is not there yet`;
  try {
    return await run(one);
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

async function adapter(family: Family): Promise<PureRunner | undefined> {
  const [file, name] = adapters[family] ?? [];
  if (!file || !name) return undefined;
  try {
    const module = (await import(file)) as Record<string, PureRunner | undefined>;
    return module[name];
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
