/** Milliseconds of this process's own work: unlike the time on the clock, other processes hardly lengthen it. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
