import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { type FlowNode, type NodeRed, startNodeRed } from "../harness/node-red.ts";

/** What these tests use of the editor's global. */
declare const RED: {
  nodes: {
    import(nodes: readonly FlowNode[]): void;
    node(id: string): EditorNode | null;
    eachNode(each: (node: EditorNode) => void): void;
    getType(type: string): object | undefined;
    dirty(): boolean;
    createCompleteNodeSet(options: { credentials: boolean }): readonly object[];
  };
  editor: {
    edit(node: object): void;
    editConfig(name: string, type: string, id: string): void;
    validateNode(node: object): void;
  };
  view: { redraw(update: boolean): void };
};

export interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly valid: boolean;
  readonly validationErrors: readonly string[];
  readonly [property: string]: unknown;
}

export interface OpenEditor {
  readonly page: Page;
  readonly nodeRed: NodeRed;
  /** Adds nodes to the flow, as an import does. */
  add(nodes: readonly FlowNode[]): Promise<void>;
  /** Opens the dialog of a node in the flow. */
  edit(id: string): Promise<void>;
  /** Opens the dialog of a config node; `_ADD_` for a new one. */
  editConfig(type: string, id: string): Promise<void>;
  /** Confirms the dialog on top. */
  confirm(): Promise<void>;
  cancel(): Promise<void>;
  deploy(): Promise<void>;
  /** A node's properties as the editor holds them. */
  node(id: string): Promise<Readonly<Record<string, unknown>>>;
  /** Everything that an export of all flows holds. */
  exported(): Promise<string>;
  /** A line of the box that shows a secret: the secret itself, then the line to try it with. */
  revealed(line: number): Promise<string>;
  /** Texts of the page, and what its fields hold. */
  everythingShown(): Promise<string>;
  close(): Promise<void>;
}

export interface EditorOptions {
  readonly locale?: "en-US" | "de";
  readonly theme?: "light" | "dark";
  readonly flows?: readonly FlowNode[];
  readonly env?: Readonly<Record<string, string>>;
}

export const TAB: FlowNode = { id: "tab1", type: "tab", label: "API" };

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Starts Node-RED and opens its editor in Chromium. Throws when there is no Chromium: a test that is skipped proves nothing. */
export async function openEditor(options: EditorOptions = {}): Promise<OpenEditor> {
  if (!existsSync(executablePath)) {
    throw new Error(`There is no Chromium at ${executablePath}. Install it, or name another in the variable CHROMIUM.`);
  }
  const nodeRed = await startNodeRed({
    flows: options.flows ?? [TAB],
    // The editor's own login is not what is tested; loopback may manage keys without one.
    settings: { adminAuth: null },
    ...(options.env && { env: options.env }),
  });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    return openPage(nodeRed, browser, options);
  } catch (error) {
    await browser.close();
    await nodeRed.stop();
    throw error;
  }
}

async function openPage(nodeRed: NodeRed, browser: Browser, options: EditorOptions): Promise<OpenEditor> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 },
    locale: options.locale ?? "en-US",
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  // The editor itself only logs what a form throws.
  page.on("console", (message) => {
    if (/Definition error|Validation error|oneditprepare|oneditsave/.test(message.text())) faults.push(message.text());
  });
  await page.addInitScript((theme) => localStorage.setItem("view-dark-theme", theme), options.theme ?? "light");
  await page.goto(`${nodeRed.adminUrl}/`);
  await page.waitForFunction(() => typeof RED !== "undefined" && RED.nodes?.getType?.("ip-allowlist") !== undefined);
  await page.locator("#red-ui-loading-progress").waitFor({ state: "hidden" });
  const close = async () => {
    await browser.close();
    await nodeRed.stop();
    if (faults.length > 0) throw new Error(`The page reported faults:\n${faults.join("\n")}`);
  };
  return { page, nodeRed, ...flowActions(page), ...dialogActions(page), ...reading(page), close };
}

function flowActions(page: Page): Pick<OpenEditor, "add" | "deploy"> {
  return {
    add: (nodes) =>
      page.evaluate((added) => {
        RED.nodes.import(added);
        RED.nodes.eachNode((node) => RED.editor.validateNode(node));
        RED.view.redraw(true);
      }, nodes as FlowNode[]),
    deploy: async () => {
      await page.locator("#red-ui-header-shade").waitFor({ state: "hidden" });
      const deployed = page.waitForResponse(
        (answer) => answer.url().endsWith("/flows") && answer.request().method() === "POST",
      );
      await page.locator("#red-ui-header-button-deploy").click();
      const answer = await deployed;
      if (!answer.ok()) throw new Error(`the deploy was answered ${answer.status()}`);
      await page.waitForFunction(() => !RED.nodes.dirty());
    },
  };
}

function dialogActions(page: Page): Pick<OpenEditor, "edit" | "editConfig" | "confirm" | "cancel"> {
  const settle = () => page.waitForTimeout(400); // The tray slides in and out.
  const click = async (buttons: string) => {
    await page.locator(buttons).last().click();
    await settle();
  };
  return {
    edit: async (id) => {
      await page.evaluate((nodeId) => RED.editor.edit(RED.nodes.node(nodeId) as object), id);
      await page.locator("#node-input-name").waitFor();
      await settle();
    },
    editConfig: async (type, id) => {
      await page.evaluate(([kind, nodeId]) => RED.editor.editConfig("", kind as string, nodeId as string), [type, id]);
      await page.locator("#node-config-input-name").waitFor();
      await settle();
    },
    confirm: () => click("#node-dialog-ok, #node-config-dialog-ok"),
    cancel: () => click("#node-dialog-cancel, #node-config-dialog-cancel"),
  };
}

function reading(page: Page): Pick<OpenEditor, "node" | "exported" | "revealed" | "everythingShown"> {
  return {
    revealed: async (line) => (await page.locator(".gatehouse-reveal code").nth(line).textContent()) ?? "",
    node: (id) =>
      page.evaluate((nodeId) => {
        const node = RED.nodes.node(nodeId) as EditorNode & { _def: { defaults: object } };
        const names = [...Object.keys(node._def.defaults), "valid", "validationErrors"];
        return Object.fromEntries(names.map((name) => [name, JSON.parse(JSON.stringify(node[name] ?? null))]));
      }, id),
    exported: () => page.evaluate(() => JSON.stringify(RED.nodes.createCompleteNodeSet({ credentials: false }))),
    everythingShown: () =>
      page.evaluate(() => {
        const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
        return [document.documentElement.outerHTML, ...fields.map((each) => each.value)].join("\n");
      }),
  };
}
