const PACKAGE = "@gatehouse/node-red-gatehouse";

/** Looks up a text of the node's catalogue; `__name__` in it is replaced by `values.name`. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** The texts of one node or plugin, by the name of its folder. */
export function translator(folder: string): Translate {
  return (key, values) => {
    const id = `${PACKAGE}/${folder}:${key}`;
    return values === undefined ? RED._(id) : RED._(id, { ...values });
  };
}

/** The words of a list that is typed with commas, spaces or line ends, each once, in order. */
export function splitWords(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/u).filter((word) => word !== ""))];
}
