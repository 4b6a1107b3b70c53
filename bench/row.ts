/** One line of the table. */
export interface Row {
  readonly figure: string;
  /** As printed; absent where a figure is only for comparison. */
  readonly goal?: string;
  readonly measured: string;
  readonly met?: boolean;
  /** What the number was made of, or why it is as it is. */
  readonly note?: string;
  /** Why the goal was missed. */
  readonly reason?: string;
}

/** A figure, or several that are measured together. Runs in a process of its own. */
export type Measurement = (options: { readonly quick: boolean }) => Promise<readonly Row[]>;

type Format = (value: number) => string;

export const ratio: Format = (value) => value.toPrecision(3);

export function atMost(figure: string, value: number, goal: number, format: Format = ratio, note?: string): Row {
  return { figure, goal: `≤ ${format(goal)}`, measured: format(value), met: value <= goal, ...(note && { note }) };
}

export function atLeast(figure: string, value: number, goal: number, format: Format = ratio, note?: string): Row {
  return { figure, goal: `≥ ${format(goal)}`, measured: format(value), met: value >= goal, ...(note && { note }) };
}

/** The row, with the reason in case that its goal was missed. */
export function explained(row: Row, reason: string): Row {
  return row.met === false ? { ...row, reason } : row;
}

/** A number beside the figures, without a goal. */
export function beside(figure: string, measured: string, note?: string): Row {
  return { figure, measured, ...(note && { note }) };
}
