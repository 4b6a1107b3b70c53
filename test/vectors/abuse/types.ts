/** The case format of `abuse-schema.json` and `abuse-index.json`. */
export interface AbuseCase {
  readonly id: string;
  readonly title: string;
  readonly node: string;
  readonly level: "MUST" | "SHOULD" | "POLICY";
  readonly runner: string;
  readonly fixture: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly request?: CaseRequest;
  readonly steps?: readonly Step[];
  readonly expected: Expected;
}

/** Byte strings: each character up to U+00FF is one byte. */
export interface CaseRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  /** Sent exactly as it is. */
  readonly raw?: string;
  readonly rawTarget?: boolean;
  readonly remoteAddress?: string;
  readonly serverBind?: string;
  readonly keepAlive?: boolean;
  /** Sizes of the chunks of the body. */
  readonly chunked?: readonly number[];
  readonly tls?: unknown;
  /** Cases of the flow runner. */
  readonly transport?: string;
  readonly http?: CaseRequest;
  readonly mutate?: string;
  readonly inject?: unknown;
  readonly action?: string;
  readonly message?: unknown;
  readonly topic?: string;
  readonly payload?: unknown;
}

export interface Step {
  readonly request?: CaseRequest;
  readonly action?: string;
  readonly waitMs?: number;
  readonly repeat?: number;
  readonly parallel?: number | boolean;
  readonly concurrency?: number;
  readonly connection?: string;
  readonly newConnection?: boolean;
  readonly async?: boolean;
  readonly await?: number;
  readonly delayHashMs?: number;
  readonly arm?: string;
  readonly instances?: number;
  readonly alignToWindow?: string;
  readonly writeFile?: string | null;
  readonly expected?: Expected;
}

export type Output = 1 | 2 | "none";

export interface Expected {
  readonly output?: Output | readonly Output[];
  readonly status?: number | null | readonly (number | null)[];
  readonly mustHaveHeaders?: Readonly<Record<string, string>>;
  readonly mustNotHaveHeaders?: readonly string[];
  readonly mustContain?: readonly string[];
  readonly mustNotContain?: readonly string[];
  readonly sameResponseAs?: string;
  readonly maxMs?: number;
  readonly maxOpenMs?: number;
  readonly sequence?: readonly (number | null)[];
  readonly exactlyOne?: number;
  readonly exactlyStatus?: Readonly<Record<string, number>>;
  readonly maxStatus?: Readonly<Record<string, number>>;
  readonly lastStatus?: number | readonly number[];
  readonly statusAll?: readonly number[];
  readonly bodyEmpty?: boolean;
  readonly responses?: readonly Expected[];
  readonly responsesExactly?: number;
  readonly processAlive?: boolean;
  readonly statusMustNotContain?: readonly string[];
  readonly logMustNotContain?: readonly string[];
  readonly debugMustNotContain?: readonly string[];
  readonly storeMustNotContain?: readonly string[];
  readonly invariants?: readonly string[];
  readonly deploy?: string;
  readonly timing?: TimingLimits;
  readonly [other: string]: unknown;
}

export interface TimingLimits {
  readonly samplesPerArm?: number;
  readonly interleaved?: boolean;
  readonly maxMedianDifferencePercent?: number;
  readonly maxAucOfClassifier?: number;
}

export interface AbuseIndex {
  readonly fixtures: Readonly<Record<string, Fixture>>;
}

export interface Fixture {
  readonly as?: string;
  readonly routes?: readonly string[];
  readonly realm?: string;
  readonly users?: readonly FixtureUser[];
  readonly keys?: Readonly<Record<string, FixtureKey>>;
  readonly carriers?: readonly string[];
  readonly environment?: string;
  readonly requiredScope?: string;
  readonly allow?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly header?: string;
  readonly limit?: number;
  readonly windowSeconds?: number;
}

export interface FixtureUser {
  readonly name: string;
  readonly password?: string;
  readonly passwordWords?: string;
  /** An imported hash. */
  readonly import?: string;
  /** Stored as it is. */
  readonly storedHash?: string;
  readonly disabled?: boolean;
  readonly expired?: boolean;
}

export interface FixtureKey {
  readonly scopes?: readonly string[];
  readonly expired?: boolean;
  readonly notBefore?: string;
  readonly revoked?: boolean;
  readonly disabled?: boolean;
  readonly alias?: string;
  readonly allow?: readonly string[];
  readonly environment?: string;
  readonly rotation?: string;
  readonly store?: string;
}
