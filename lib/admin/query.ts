import type { ListQuery } from "../store.ts";
import { child, fail, type Problem, type Reader } from "./reader.ts";

const defaultLimit = 100;
const maxLimit = 1000;
const maxText = 255;

/** Reads the part of the target after `?` of a list: `limit` (1 to 1,000), `after` (what the last page gave) and `search`. */
export const listQuery: Reader<ListQuery> = (value, pointer, problems) => {
  const parameters = new URLSearchParams(String(value));
  const limit = limitOf(parameters.get("limit"), child(pointer, "limit"), problems);
  const after = textOf(parameters.get("after"), child(pointer, "after"), problems);
  const search = textOf(parameters.get("search"), child(pointer, "search"), problems);
  return { limit, ...(after && { after }), ...(search && { search }) };
};

function limitOf(text: string | null, pointer: string, problems: Problem[]): number {
  if (text === null) return defaultLimit;
  const limit = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.NaN;
  return limit <= maxLimit
    ? limit
    : (fail(problems, pointer, `must be a whole number from 1 to ${maxLimit}`) ?? defaultLimit);
}

function textOf(text: string | null, pointer: string, problems: Problem[]): string {
  if (text === null) return "";
  return text.length <= maxText ? text : (fail(problems, pointer, `takes at most ${maxText} characters`) ?? "");
}
