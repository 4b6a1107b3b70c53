import { readFileSync } from "node:fs";
import { join } from "node:path";
import { builtInFolder } from "./corpus.ts";

/** True: passed. A text: what was wrong, or `unsupported: ` and what is missing. */
export type Outcome = true | string;

export interface Result {
  readonly file: string;
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly disputed: number;
}

const unsupportedMark = "unsupported: ";

interface Dispute {
  readonly id: string;
  readonly file: string;
  readonly reason: string;
}

/** Cases that contradict a decision of the design, with the reason; they are run, and their failure is expected. */
export function disputes(): ReadonlyMap<string, string> {
  const listed = JSON.parse(readFileSync(join(builtInFolder, "disputed.json"), "utf8")) as readonly Dispute[];
  return new Map(listed.map(({ id, reason }) => [id, reason]));
}

export type Standing = "passed" | "failed" | "unsupported" | "disputed";

export function standing({ id, outcome }: Result, disputed: ReadonlyMap<string, string>): Standing {
  if (outcome === true) return "passed";
  if (disputed.has(id)) return "disputed";
  return outcome.startsWith(unsupportedMark) ? "unsupported" : "failed";
}

/** Prints what became of each file's cases, then each failure, and returns the sums. */
export function printReport(results: readonly Result[], print: (line: string) => void = console.log): Totals {
  const disputed = disputes();
  const files = groupByFile(results);
  for (const [file, ofFile] of files) printFile(file, ofFile, disputed, print);
  const failures = results.filter((result) => standing(result, disputed) === "failed");
  if (failures.length > 0) print("\nFailures:");
  for (const { file, id, title, outcome } of failures) print(`  ${id} (${file}) ${title}\n      ${String(outcome)}`);
  const count = (wanted: Standing) => results.filter((result) => standing(result, disputed) === wanted).length;
  const totals = {
    passed: count("passed"),
    failed: count("failed"),
    unsupported: count("unsupported"),
    disputed: count("disputed"),
  };
  const aside = totals.disputed > 0 ? `, ${totals.disputed} disputed` : "";
  print(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.unsupported} unsupported${aside}`);
  return totals;
}

function groupByFile(results: readonly Result[]): ReadonlyMap<string, readonly Result[]> {
  const files = new Map<string, Result[]>();
  for (const result of results) files.set(result.file, [...(files.get(result.file) ?? []), result]);
  return files;
}

function printFile(
  file: string,
  results: readonly Result[],
  disputed: ReadonlyMap<string, string>,
  print: (line: string) => void,
): void {
  const counted = (wanted: Standing) => results.filter((result) => standing(result, disputed) === wanted);
  const parts = [`${counted("passed").length} passed`, `${counted("failed").length} failed`];
  const unsupported = counted("unsupported");
  if (unsupported.length > 0) parts.push(`${unsupported.length} unsupported`);
  const contested = counted("disputed");
  if (contested.length > 0) parts.push(`${contested.length} disputed`);
  print(`${file}: ${parts.join(", ")}`);
  const reasons = new Map<string, number>();
  for (const { outcome } of unsupported) {
    const reason = String(outcome).slice(unsupportedMark.length);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) print(`    unsupported ${count} x ${reason}`);
  for (const { id } of contested) print(`    disputed ${id}: ${disputed.get(id) ?? ""}`);
}
