type Version = readonly [major: number, minor: number, patch: number];

/** Whether a version is in a range of `^x.y.z` and `>=x.y.z`, joined by `||`: what this package's ranges are made of. */
export function satisfies(version: string, range: string): boolean {
  return range.split("||").some((part) => {
    const match = /^(\^|>=)(\d+\.\d+\.\d+)$/.exec(part.trim());
    if (match === null) throw new Error(`"${part}" is no range that this understands`);
    const least = parse(match[2] as string);
    const given = parse(version);
    return compare(given, least) >= 0 && (match[1] === ">=" || given[0] === least[0]);
  });
}

function parse(version: string): Version {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (match === null) throw new Error(`"${version}" is no version`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
