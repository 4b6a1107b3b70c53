import { readFileSync, statSync } from "node:fs";
import { ConfigError } from "../../lib/errors.ts";

/** Largest file that can be a secret. */
const mostBytes = 65_536;

/** The variable that a text names: `${NAME}`, or `$(NAME)` as Node-RED writes it too. Undefined for any other text. */
export function variableName(text: string): string | undefined {
  const [, name, oldName] = /^\$(?:\{(.*)\}|\((.*)\))$/s.exec(text) ?? [];
  return name ?? oldName;
}

/**
 * What a setting stands for: itself; `${NAME}` or `$(NAME)`, a variable of the environment, or of the file that NAME_FILE names as
 * Docker does; `file:PATH`, a file as Docker and Kubernetes mount secrets. Undefined for an empty one.
 * @throws ConfigError for what cannot be read. It names the setting, never what is in it.
 */
export function secretText(option: string, text: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const setting = text?.trim();
  if (!setting) return undefined;
  if (setting.startsWith("file:")) return fileText(option, setting.slice("file:".length));
  const name = variableName(setting);
  return name === undefined ? text : variable(option, name, env);
}

function variable(option: string, name: string, env: NodeJS.ProcessEnv): string {
  const own = (variableName: string) => (Object.hasOwn(env, variableName) ? env[variableName] : undefined);
  const [value, path] = [own(name), own(`${name}_FILE`)];
  if (value) return value;
  if (path) return fileText(option, path);
  throw new ConfigError(option, `the environment variable ${name} is not set`);
}

/** Editors end a file with a line feed, which is no part of the secret. */
export function fileText(option: string, path: string): string {
  let text: string;
  try {
    if (statSync(path).size > mostBytes) throw new RangeError("too large");
    text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch {
    throw new ConfigError(option, `the file ${path} cannot be read`);
  }
  if (text === "") throw new ConfigError(option, `the file ${path} is empty`);
  return text;
}
