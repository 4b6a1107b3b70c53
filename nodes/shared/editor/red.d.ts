// What @types/node-red__editor-client leaves out: validators with messages, localised labels, stylesheets as text.
import type { EditorRED } from "node-red";

/** `${NAME}` alone passes before this is asked. A string is the message; it is shown as HTML, so hold no user's text in it. */
type Validate<TNode> = (this: TNode, value: never, options: { readonly label?: string }) => boolean | string;

interface PropertyDefinition<TValue, TNode> {
  readonly value: TValue;
  readonly type?: string;
  readonly required?: boolean;
  readonly label?: string;
  readonly validate?: Validate<TNode>;
}

interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly changed?: boolean;
  readonly valid?: boolean;
  /** Loaded when the dialog opens; `has_x` tells that a password is set. */
  credentials?: Record<string, string | boolean | undefined>;
}

interface NodeDefinition<TConfig, TCredential extends string = never> {
  readonly category: string;
  readonly categoryDescription?: string;
  readonly color?: string;
  readonly icon?: string;
  readonly inputs?: 0 | 1;
  readonly outputs?: number;
  readonly outputLabels?: (this: TConfig & EditorNode, index: number) => string;
  readonly paletteLabel?: string | (() => string);
  readonly defaults: { readonly [K in keyof TConfig]: PropertyDefinition<TConfig[K], TConfig & EditorNode> };
  readonly credentials?: { readonly [K in TCredential]: { readonly type: "text" | "password" } };
  readonly label?: (this: TConfig & EditorNode) => string;
  readonly labelStyle?: (this: TConfig & EditorNode) => string;
  readonly oneditprepare?: (this: TConfig & EditorNode) => void;
  readonly oneditsave?: (this: TConfig & EditorNode) => void;
  readonly oneditcancel?: (this: EditorNode) => void;
  readonly oneditresize?: (this: TConfig & EditorNode, size: { width: number; height: number }) => void;
}

type Nodes = Omit<EditorRED["nodes"], "registerType" | "node"> & {
  registerType<TConfig, TCredential extends string = never>(
    type: string,
    definition: NodeDefinition<TConfig, TCredential>,
  ): void;
  node(id: string): (EditorNode & Readonly<Record<string, unknown>>) | null;
};

declare global {
  const RED: Omit<EditorRED, "nodes"> & { readonly nodes: Nodes };
}
