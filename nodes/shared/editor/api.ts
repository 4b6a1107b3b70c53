/** A request that the admin API did not fulfil, in words for the person at the dialog. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0 when no answer came. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly detail?: string }[];
}

/** Asks the admin API. `path` is below `gatehouse/`, its parts already encoded. Rejects with an `ApiError`. */
export function callApi<T>(method: "GET" | "POST" | "DELETE" | "PATCH", path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({ ...request(method, path, body), success: resolve, error: (answer) => reject(toError(answer)) });
  });
}

/**
 * The same while the browser waits. Only for what must be done before a dialog closes, which the editor does not
 * hold open for promises.
 */
export function callApiAndWait<T>(method: "POST", path: string, body: object): T {
  const answer = $.ajax({ ...request(method, path, body), async: false });
  if (answer.status < 200 || answer.status > 299) throw toError(answer);
  return answer.responseJSON as T;
}

function request(method: string, path: string, body: object | undefined): JQuery.AjaxSettings {
  const settings = { method, url: `gatehouse/${path}`, dataType: "json", timeout: 15_000 };
  return body === undefined
    ? settings
    : { ...settings, contentType: "application/json", processData: false, data: JSON.stringify(body) };
}

function toError(answer: JQuery.jqXHR): ApiError {
  const problem = parseProblem(answer);
  const details = (problem.errors ?? []).map(({ pointer = "", detail = "" }) => `${pointer.slice(1)} ${detail}`.trim());
  const message = details.length > 0 ? details.join("; ") : (problem.detail ?? problem.title);
  return new ApiError(answer.status, message ?? `${answer.status} ${answer.statusText}`);
}

function parseProblem(answer: JQuery.jqXHR): Problem {
  const parsed: unknown = answer.responseJSON ?? tryParse(answer.responseText);
  return typeof parsed === "object" && parsed !== null ? parsed : {};
}

function tryParse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
