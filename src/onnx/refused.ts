// What a model holds that cannot be read: said with the node, its operator and the reason.
import { fileError } from "../weights/file-error.ts";
import { isOnnxDomain, type Attribute, type OnnxNode } from "./parse.ts";

type Valued = Extract<Attribute, { readonly value: unknown }>;
type Kind = Valued["kind"];
type ValueOf<K extends Kind> = Extract<Valued, { readonly kind: K }>["value"];

/** A node with what it takes to read it: attributes by name and kind, and errors that name it. */
export class Reading {
  readonly node: OnnxNode;
  /** Version of ONNX's operator set. */
  readonly opset: number;
  readonly #file: string;

  constructor(node: OnnxNode, opset: number, file: string) {
    this.node = node;
    this.opset = opset;
    this.#file = file;
  }

  get operator(): string {
    const { domain, operator } = this.node;
    return isOnnxDomain(domain) ? operator : `${domain}.${operator}`;
  }

  /** The node's name, or that of its first output. */
  get name(): string {
    return this.node.name || this.node.outputs[0] || this.node.operator;
  }

  /** Throws, naming the node. */
  refuse(reason: string): never {
    throw fileError(this.#file, `node "${this.name}" (${this.operator}): ${reason}`);
  }

  int(name: string, otherwise: number): number {
    return this.#value(name, "int") ?? otherwise;
  }

  flag(name: string): boolean {
    return this.int(name, 0) !== 0;
  }

  float(name: string, otherwise: number): number {
    return this.#value(name, "float") ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    return this.#value(name, "text") ?? otherwise;
  }

  /** Null where the node does not have it. */
  ints(name: string): readonly number[] | null {
    return this.#value(name, "ints") ?? null;
  }

  /** An attribute of two whole numbers, one for each axis of an image. */
  pair(name: string, otherwise: number): [number, number] {
    const [down, across, ...more] = this.ints(name) ?? [otherwise, otherwise];
    if (across === undefined || more.length > 0)
      this.refuse(`${name} is for images of ${String(this.ints(name)?.length)} axes, expected 2`);
    return [down, across];
  }

  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  tensor(name: string): ValueOf<"tensor"> | null {
    return this.#value(name, "tensor") ?? null;
  }

  floats(name: string): readonly number[] | null {
    return this.#value(name, "floats") ?? null;
  }

  #value<K extends Kind>(name: string, kind: K): ValueOf<K> | undefined {
    const attribute = this.node.attributes.get(name);
    if (attribute && attribute.kind !== kind) this.refuse(`attribute ${name} is of kind ${attribute.kind}, expected ${kind}`);
    return (attribute as { readonly value: ValueOf<K> } | undefined)?.value;
  }
}
