/** A check's label when it has no name of its own: what it does, and by which config node. */
export function nodeName(configId: string, what: string): string {
  const name = RED.nodes.node(configId)?.name;
  return typeof name === "string" && name !== "" ? `${what}: ${name}` : what;
}
