/**
 * The values of all parameters of one name in the query of a request target, in order, form-decoded. A value that is not
 * validly encoded counts as the empty text: present, and no credential. `name[]` is another name.
 */
export function queryValues(target: string, name: string): string[] {
  return parametersOf(target)
    .filter((parameter) => nameOf(parameter) === name)
    .map((parameter) => {
      const equals = parameter.indexOf("=");
      return equals === -1 ? "" : (decode(parameter.slice(equals + 1)) ?? "");
    });
}

/** The target without the parameters of one name, however that is encoded; all else stays byte for byte. */
export function withoutQuery(target: string, name: string): string {
  const parameters = parametersOf(target);
  const kept = parameters.filter((parameter) => nameOf(parameter) !== name);
  if (kept.length === parameters.length) return target;
  const path = target.slice(0, target.indexOf("?"));
  return kept.length === 0 ? path : `${path}?${kept.join("&")}`;
}

function parametersOf(target: string): readonly string[] {
  const start = target.indexOf("?");
  return start === -1 ? [] : target.slice(start + 1).split("&");
}

function nameOf(parameter: string): string | undefined {
  const equals = parameter.indexOf("=");
  return decode(equals === -1 ? parameter : parameter.slice(0, equals));
}

/** application/x-www-form-urlencoded; undefined for a `%` without two digits and for bytes that are no UTF-8. */
function decode(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
