/** A module of the package as it is published, with the types of its source. `path` is below `lib` or `stores`. */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../dist/${path}.js`, import.meta.url).href)) as Module;
}
