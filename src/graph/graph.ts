import type { Attributes, SparseTensor } from "./attribute.js";
import { UserError } from "./error.js";
import type { GraphFunction, Kept, ModelInfo } from "./model.js";
import { Chain, type Link } from "./chain.js";
import type { Tensor } from "./tensor.js";
import type { Type } from "./type.js";

/** A place where a value is read: input `index` of `node`, or, where `node` is null, output `index` of `graph`. */
export interface Use {
  readonly graph: Graph;
  readonly node: Node | null;
  readonly index: number;
}

/** One edge of the graph. Identity is the object; the name is for people and for files. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  /** Null where nothing is known. */
  readonly type: Type | null;
  /** Path of the module that made it; operators that are told no name take theirs from it. */
  readonly scope: string;
  /** Null for graph inputs and constants. */
  readonly producer: Node | null;
  /** The tensor, for constants (ONNX initializers). */
  readonly constant: Tensor | null;
  /** Every reader, subgraphs' nodes and graph outputs included. */
  readonly uses: readonly Use[];
  readonly kept: Kept;
}
/** One operator call. An input left out is null. */
export interface Node {
  readonly graph: Graph;
  readonly op: string;
  /** "" is ONNX's own domain. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** ONNX metadata_props of the node. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly kept: Kept;
}
export interface NewNode {
  readonly op: string;
  readonly domain?: string;
  readonly name: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly {
    readonly name: string;
    readonly type: Type | null;
    readonly scope?: string;
    readonly kept?: Kept;
  }[];
  readonly attributes?: Attributes;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly kept?: Kept;
}

/** A graph that cannot be built or changed as asked. */
export class GraphError extends UserError {
  override readonly name = "GraphError";
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
interface NodeRecord extends Writable<Node> {
  previous: NodeRecord | null;
  next: NodeRecord | null;
  alive: boolean;
}

/** Nodes in execution order, edges by object identity. Main graph, subgraph and function body alike. */
export class Graph {
  readonly name: string;
  /** The graph whose values this one may read, for the body of an If, Loop or Scan. */
  readonly parent: Graph | null;
  /** Opset version by domain; a subgraph has its parent's. */
  readonly opsets: Map<string, number>;
  /** metadata_props of the model. */
  readonly metadata = new Map<string, string>();
  /** What a graph input holds when its caller feeds nothing (ONNX: an input with an initializer of its name). */
  readonly defaults = new Map<Value, Tensor>();
  readonly sparseConstants = new Map<Value, SparseTensor>();
  readonly functions: GraphFunction[] = [];
  readonly model: ModelInfo = {
    irVersion: null,
    producerName: "",
    producerVersion: "",
    domain: "",
    modelVersion: 0,
    docString: "",
    kept: [],
  };
  kept: Kept = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #constants = new Set<Value>();
  #head: NodeRecord | null = null;
  #tail: NodeRecord | null = null;
  #cursor: NodeRecord | null = null;
  #nodes: readonly Node[] | null = null;

  constructor(name: string, { parent = null, opset = 18 }: { parent?: Graph | null; opset?: number } = {}) {
    this.name = name;
    this.parent = parent;
    this.opsets = parent?.opsets ?? new Map([["", opset]]);
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }
  get outputs(): readonly Value[] {
    return this.#outputs;
  }
  /** Constants declared here, in the order they came, read or not. */
  get constants(): readonly Value[] {
    return [...this.#constants];
  }
  /** A snapshot: stays as it is while the graph is edited. */
  get nodes(): readonly Node[] {
    if (!this.#nodes) {
      const list: Node[] = [];
      for (let n = this.#head; n; n = n.next) list.push(n);
      this.#nodes = list;
    }
    return this.#nodes;
  }

  input(name: string, type: Type | null, kept: Kept = []): Value {
    const value = this.#value({ name, type, kept });
    this.#inputs.push(value);
    return value;
  }
  constant(name: string, tensor: Tensor, kept: Kept = []): Value {
    const value = this.#value({ name, type: tensor, constant: tensor, kept });
    this.#constants.add(value);
    return value;
  }
  /** A constant of which only the elements that are not zero are kept. */
  sparseConstant(name: string, sparse: SparseTensor): Value {
    const value = this.#value({ name, type: { kind: "tensor", dtype: sparse.dtype, shape: sparse.shape } });
    this.sparseConstants.set(value, sparse);
    return value;
  }
  /** Adds an output; its name becomes the value's. */
  output(value: Value, name = value.name): void {
    this.#mustReach(value, `output '${name}'`);
    if (name !== value.name && !canBeRenamed(value))
      throw new GraphError(`'${value.name}' has a name that callers know: make '${name}' an Identity of it`);
    (value as Writable<Value>).name = name; // the graph owns its records and alone may write them
    this.#use(value, null, this.#outputs.length);
    this.#outputs.push(value);
  }
  /** Appends a node, or, inside `before`, puts it there. */
  add(node: NewNode): Node {
    for (const v of node.inputs) if (v) this.#mustReach(v, `input of ${node.op} '${node.name}'`);
    const record: NodeRecord = {
      graph: this,
      op: node.op,
      domain: node.domain ?? "",
      name: node.name,
      inputs: [...node.inputs],
      outputs: [],
      attributes: node.attributes ?? {},
      metadata: node.metadata ?? new Map(),
      kept: node.kept ?? [],
      previous: null,
      next: null,
      alive: true,
    };
    record.outputs = node.outputs.map((o) => this.#value({ ...o, producer: record }));
    record.inputs.forEach((v, i) => {
      if (v) this.#use(v, record, i);
    });
    this.#link(record);
    return record;
  }
  /** What `make` adds lands just before `node`. */
  before<T>(node: Node, make: () => T): T {
    const saved = this.#cursor;
    this.#cursor = this.#record(node);
    try {
      return make();
    } finally {
      this.#cursor = saved;
    }
  }
  /**
   * Every reader of `from` reads `to` instead, which holds the same numbers. An output's name and type go over to `to`, and so does any name
   * where `to` is new.
   */
  replace(from: Value, to: Value): void {
    if (from === to) return;
    from.graph.#mustReach(to, `replacing '${from.name}'`);
    const isNew = to.producer !== null && to.uses.length === 0;
    if (!compatible(from.type, to.type))
      throw new GraphError(
        `'${from.name}' is ${show(from.type)} and cannot give way to '${to.name}', which is ${show(to.type)}`,
      );
    const isOutput = from.uses.some((u) => !u.node);
    if (isOutput && !canBeRenamed(to))
      throw new GraphError(`the output '${from.name}' cannot give way to '${to.name}', which has a name of its own`);
    for (const use of [...from.uses]) {
      if (use.node) (use.graph.#record(use.node).inputs as (Value | null)[])[use.index] = to;
      else use.graph.#outputs[use.index] = to;
      (to.uses as Use[]).push(use);
    }
    (from.uses as Use[]).length = 0;
    if (isNew || isOutput) (to as Writable<Value>).name = from.name;
    if (!to.constant) (to as Writable<Value>).type = isOutput ? merge(from.type, to.type) : merge(to.type, from.type);
  }
  /** Gives an input, constant or value of this graph another name. */
  rename(value: Value, name: string): void {
    if (value.graph !== this)
      throw new GraphError(`'${value.name}' belongs to the graph '${value.graph.name}', not to '${this.name}'`);
    (value as Writable<Value>).name = name;
  }
  /** Takes a node out. Its outputs must be unread. */
  remove(node: Node): void {
    const record = this.#record(node);
    const read = node.outputs.find((o) => o.uses.length);
    if (read) throw new GraphError(`${node.op} '${node.name}' cannot be removed: '${read.name}' is still read`);
    node.inputs.forEach((v, i) => {
      if (v) this.#forget(v, node, i);
    });
    for (const inner of subgraphs(node)) inner.#dissolve();
    if (record.previous) record.previous.next = record.next;
    else this.#head = record.next;
    if (record.next) record.next.previous = record.previous;
    else this.#tail = record.previous;
    record.alive = false;
    this.#nodes = null;
  }
  /** Drops a constant that nobody reads. */
  removeConstant(value: Value): void {
    if (value.uses.length) throw new GraphError(`the constant '${value.name}' is still read`);
    this.#constants.delete(value);
    this.sparseConstants.delete(value);
  }
  /** Number of graphs around this one. */
  get depth(): number {
    return this.parent ? this.parent.depth + 1 : 0;
  }
  /** True where `value` may be read here: it is this graph's own or an outer one's. */
  reaches(value: Value): boolean {
    for (let g: Graph | null = this; g; g = g.parent) if (value.graph === g) return true;
    return false;
  }

  #mustReach(value: Value, what: string): void {
    if (!this.reaches(value))
      throw new GraphError(
        `${what}: '${value.name}' belongs to another graph ('${value.graph.name}', not '${this.name}')`,
      );
  }
  #value(v: {
    name: string;
    type: Type | null;
    scope?: string;
    producer?: Node;
    constant?: Tensor;
    kept?: Kept;
  }): Value {
    return {
      graph: this,
      name: v.name,
      type: v.type,
      scope: v.scope ?? "",
      producer: v.producer ?? null,
      constant: v.constant ?? null,
      uses: [],
      kept: v.kept ?? [],
    };
  }
  #use(value: Value, node: Node | null, index: number): void {
    (value.uses as Use[]).push({ graph: this, node, index });
  }
  #forget(value: Value, node: Node | null, index: number): void {
    const uses = value.uses as Use[];
    const at = uses.findIndex((u) => u.graph === this && u.node === node && u.index === index);
    if (at >= 0) uses.splice(at, 1);
  }
  #record(node: Node): NodeRecord {
    const record = node as NodeRecord; // every Node is made by `add`
    if (!record.alive) throw new GraphError(`${node.op} '${node.name}' is no longer in the graph`);
    if (record.graph !== this)
      throw new GraphError(`${node.op} '${node.name}' is in the graph '${node.graph.name}', not in '${this.name}'`);
    return record;
  }
  #link(record: NodeRecord): void {
    const next = this.#cursor;
    const previous = next ? next.previous : this.#tail;
    record.previous = previous;
    record.next = next;
    if (previous) previous.next = record;
    else this.#head = record;
    if (next) next.previous = record;
    else this.#tail = record;
    this.#nodes = null;
  }
  /** Lets go of every outer value that this subgraph reads. */
  #dissolve(): void {
    for (const node of this.nodes) {
      node.inputs.forEach((v, i) => {
        if (v) this.#forget(v, node, i);
      });
      for (const inner of subgraphs(node)) inner.#dissolve();
    }
    for (const [i, v] of this.#outputs.entries()) this.#forget(v, null, i);
  }
}

/** The graphs that `node` carries as attributes. */
export function subgraphs(node: Node): readonly Graph[] {
  return Object.values(node.attributes).flatMap((a) =>
    a.kind === "graph" ? [a.value] : a.kind === "graphs" ? a.value : [],
  );
}

/** Names of inputs, constants and outputs are public; those between are ours to pass on. */
const canBeRenamed = (v: Value): boolean => v.producer !== null && v.uses.every((u) => u.node !== null);
