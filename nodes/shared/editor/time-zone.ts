/** Whether the browser knows a time zone by this name; an empty one stands for UTC. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone.trim() || "UTC" });
    return true;
  } catch {
    return false;
  }
}

/** The zone that the browser is set to. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
