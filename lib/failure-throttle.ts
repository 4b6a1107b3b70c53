import { hash } from "node:crypto";
import { type Bucket, takeFrom } from "./gcra.ts";
import type { Quota } from "./store.ts";

/** How often a credential may be refused before those who send it have to wait. */
export interface ThrottleLimits {
  /** For one identity tried from one address. 10 in 60 s by default (R35; NIST SP 800-63B §5.2.2 allows 100). */
  readonly perIdentity?: Quota;
  /** For all that is tried from one address. 30 in 60 s by default. */
  readonly perAddress?: Quota;
  /** Addresses and pairs remembered at most; the one that failed longest ago is forgotten first. */
  readonly entries?: number;
}

/**
 * Slows down those who guess, by address and identity and by address. Nobody is locked out by what others do elsewhere:
 * there is no limit on an identity alone. Kept in this process only.
 */
export interface FailureThrottle {
  /** Milliseconds until this identity may be tried from this address; 0 for now. */
  identityWaitMs(address: string, identity: string, now: number): number;
  /** Milliseconds until anything may be tried from this address; 0 for now. */
  addressWaitMs(address: string, now: number): number;
  /** Notes a refused credential, of nobody in particular where there is no identity. True when it was beyond a limit. */
  failed(address: string, identity: string | undefined, now: number): boolean;
  /** Takes back one that was noted before it was known to be none. */
  forgive(address: string, identity: string): void;
  /** Forgets the failures of an identity at an address; those of the address stay, or one good account would free all. */
  succeeded(address: string, identity: string): void;
  /** Lets an address, or an identity wherever it was tried, try again. */
  unlock(target: { readonly address: string } | { readonly identity: string }): void;
}

const pairDefaults: Quota = { capacity: 10, windowMs: 60_000 };
const addressDefaults: Quota = { capacity: 30, windowMs: 60_000 };

export function failureThrottle(limits: ThrottleLimits = {}): FailureThrottle {
  const { perIdentity = pairDefaults, perAddress = addressDefaults, entries = 100_000 } = limits;
  const pairs = bucketTable(perIdentity, entries);
  const addresses = bucketTable(perAddress, entries);
  return {
    identityWaitMs: (address, identity, now) => pairs.waitMs(pairOf(address, identity), now),
    addressWaitMs: (address, now) => addresses.waitMs(address, now),
    failed(address, identity, now) {
      const pairHolds = identity === undefined || pairs.take(pairOf(address, identity), now);
      return !addresses.take(address, now) || !pairHolds;
    },
    forgive(address, identity) {
      pairs.giveBack(pairOf(address, identity));
      addresses.giveBack(address);
    },
    succeeded: (address, identity) => pairs.forget(pairOf(address, identity)),
    unlock(target) {
      if ("identity" in target) {
        const identity = shortened(target.identity);
        pairs.forgetWhere((pair) => pair.slice(pair.indexOf(" ") + 1) === identity);
      } else {
        addresses.forget(target.address);
        pairs.forgetWhere((pair) => pair.startsWith(`${target.address} `));
      }
    },
  };
}

/** Addresses hold no blank, so no two pairs have one name. */
function pairOf(address: string, identity: string): string {
  return `${address} ${shortened(identity)}`;
}

/** What callers send may be long. */
function shortened(identity: string): string {
  return identity.length <= 64 ? identity : `sha256:${hash("sha256", identity, "base64url")}`;
}

function bucketTable(quota: Quota, most: number) {
  // In the order of their last failure, as each puts a bucket at the end.
  const buckets = new Map<string, Bucket>();
  return {
    waitMs(name: string, now: number): number {
      const bucket = buckets.get(name);
      return bucket ? takeFrom(bucket, quota, 0, now).taken.retryAfterMs : 0;
    },
    /** False when the bucket was empty already. */
    take(name: string, now: number): boolean {
      const { bucket, taken } = takeFrom(buckets.get(name), quota, 1, now);
      if (!bucket) return false;
      buckets.delete(name);
      if (buckets.size >= most) buckets.delete(buckets.keys().next().value as string);
      buckets.set(name, bucket);
      return taken.allowed;
    },
    giveBack(name: string): void {
      const bucket = buckets.get(name);
      if (bucket) buckets.set(name, { ...bucket, debt: Math.max(0, bucket.debt - quota.windowMs) });
    },
    forget: (name: string) => void buckets.delete(name),
    forgetWhere(matches: (name: string) => boolean) {
      for (const name of buckets.keys()) if (matches(name)) buckets.delete(name);
    },
  };
}
