import { field, input, select, show } from "../shared/editor/dom.ts";
import type { Translate } from "../shared/editor/text.ts";
import type { TokenCarrier } from "./config.ts";

/** RFC 9110, section 5.6.2. Cookie names (RFC 6265) and schemes are tokens as well. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
const PLACES = ["header", "query", "cookie"] as const;

interface Row {
  readonly read: () => TokenCarrier;
}

/** A list of the places where a token may come; warns when one of them is not a header. */
export function prepareCarriers(carriers: readonly TokenCarrier[], t: Translate): void {
  const caution = field<HTMLElement>("gatehouse-carriers-caution");
  const update = () =>
    show(
      caution,
      carriersFromForm().some((carrier) => carrier.in !== "header"),
    );
  $("#gatehouse-carriers").editableList<Partial<TokenCarrier> & { row?: Row }>({
    addButton: t("carrier.add"),
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (container, _index, data) => {
      data.row = addRow(container[0] as HTMLElement, toCarrier(data), update, t);
      update();
    },
    removeItem: update,
  });
  $("#gatehouse-carriers").editableList(
    "addItems",
    carriers.map((carrier) => ({ ...carrier })),
  );
}

/** The places as they stand in the dialog. */
export function carriersFromForm(): TokenCarrier[] {
  const items = $("#gatehouse-carriers").editableList("items");
  return items
    .toArray()
    .map((item) => ($(item).data("data") as { row?: Row }).row?.read())
    .filter((carrier) => carrier !== undefined);
}

/** A validator's answer for the list. */
export function judgeCarriers(carriers: unknown, t: Translate): true | string {
  if (!Array.isArray(carriers) || carriers.length === 0) return t("error.noCarrier");
  return (carriers as TokenCarrier[]).every(isUsable) || t("error.carrier");
}

function isUsable({ in: place, name, scheme }: TokenCarrier): boolean {
  if (place === "query") return name !== "" && name.length <= 100;
  return TOKEN.test(name) && (scheme === "" || TOKEN.test(scheme));
}

function toCarrier({ in: place = "header", name = "x-auth-token", scheme = "" }: Partial<TokenCarrier>): TokenCarrier {
  return { in: place, name, scheme };
}

function addRow(container: HTMLElement, carrier: TokenCarrier, update: () => void, t: Translate): Row {
  const place = select(
    t("carrier.place"),
    PLACES.map((each) => [each, t(`carrier.${each}`)]),
    carrier.in,
  );
  const name = input(t("carrier.name"), carrier.name);
  const scheme = input(t("carrier.scheme"), carrier.scheme);
  const isAuthorization = () => place.value === "header" && name.value.trim().toLowerCase() === "authorization";
  const read = (): TokenCarrier => ({
    in: place.value as TokenCarrier["in"],
    name: place.value === "header" ? name.value.trim().toLowerCase() : name.value.trim(),
    scheme: isAuthorization() ? scheme.value.trim() : "",
  });
  const changed = () => {
    if (isAuthorization() && scheme.hidden && scheme.value === "") scheme.value = "Bearer";
    show(scheme, isAuthorization());
    const { name: named, scheme: used, in: where } = read();
    name.classList.toggle("input-error", !isUsable({ in: where, name: named, scheme: "" }));
    scheme.classList.toggle("input-error", used !== "" && !TOKEN.test(used));
    update();
  };
  name.classList.add("gatehouse-wide");
  show(scheme, isAuthorization());
  for (const each of [place, name, scheme]) each.addEventListener("input", changed);
  container.classList.add("gatehouse-line");
  container.append(place, name, scheme);
  return { read };
}
