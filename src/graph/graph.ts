import type { Attributes, SparseTensor } from "./attribute.js";
import { type Chain, insert, listOf, type NodeRecord } from "./chain.js";
import { UserError } from "./error.js";
import type { GraphFunction, Kept, ModelInfo } from "./model.js";
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

export type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** A value as its graph may write it. */
export interface ValueRecord extends Writable<Value> {
  uses: Use[];
}
/** What edits change of a graph beside its records. */
interface State {
  readonly inputs: Value[];
  readonly outputs: Value[];
  readonly constants: Set<Value>;
  readonly chain: Chain;
}
/** A map, since a static block that gave access to #state would keep the class in bundles that need GraphError alone. */
const STATES = /* @__PURE__ */ new WeakMap<Graph, State>();
/** For edit.ts alone: the package shows neither this nor any other way in. */
export const stateOf = (graph: Graph): State => STATES.get(graph) as State; // every graph is given one

/** Nodes in execution order, edges by object identity. Main graph, subgraph and function body alike. edit.ts has what changes it. */
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
  readonly #state: State = {
    inputs: [],
    outputs: [],
    constants: new Set(),
    chain: { first: null, last: null, cursor: null, list: null },
  };

  constructor(name: string, { parent = null, opset = 18 }: { parent?: Graph | null; opset?: number } = {}) {
    this.name = name;
    this.parent = parent;
    this.opsets = parent?.opsets ?? new Map([["", opset]]);
    STATES.set(this, this.#state);
  }

  get inputs(): readonly Value[] {
    return this.#state.inputs;
  }
  get outputs(): readonly Value[] {
    return this.#state.outputs;
  }
  /** Constants declared here, in the order they came, read or not. */
  get constants(): readonly Value[] {
    return [...this.#state.constants];
  }
  /** A snapshot: stays as it is while the graph is edited. */
  get nodes(): readonly Node[] {
    return listOf(this.#state.chain);
  }

  input(name: string, type: Type | null, kept: Kept = []): Value {
    const value = this.#value({ name, type, kept });
    this.#state.inputs.push(value);
    return value;
  }
  constant(name: string, tensor: Tensor, kept: Kept = []): Value {
    const value = this.#value({ name, type: tensor, constant: tensor, kept });
    this.#state.constants.add(value);
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
    mustReach(this, value, `output '${name}'`);
    if (name !== value.name && !canBeRenamed(value))
      throw new GraphError(`'${value.name}' has a name that callers know: make '${name}' an Identity of it`);
    const record = value as ValueRecord; // every Value is made by #value
    record.name = name;
    const index = this.#state.outputs.push(value) - 1;
    record.uses.push({ graph: this, node: null, index });
  }
  /** Appends a node, or, inside `insertBefore`, puts it there. */
  add(node: NewNode): Node {
    for (const v of node.inputs) if (v) mustReach(this, v, `input of ${node.op} '${node.name}'`);
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
      if (v) (v as ValueRecord).uses.push({ graph: this, node: record, index: i });
    });
    insert(this.#state.chain, record);
    return record;
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

  #value(v: {
    name: string;
    type: Type | null;
    scope?: string;
    producer?: Node;
    constant?: Tensor;
    kept?: Kept;
  }): ValueRecord {
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
}

let edited: Graph | null = null;
/** While `make` runs, operators are put in `graph` where that reaches their inputs. */
export function within<T>(graph: Graph, make: () => T): T {
  const saved = edited;
  edited = graph;
  try {
    return make();
  } finally {
    edited = saved;
  }
}
/** Where an operator on `inputs` belongs: the innermost graph of theirs, or one within it that is being edited. */
export function homeOf(inputs: readonly (Value | null)[], first: Value): Graph {
  const own = inputs.reduce((inner, v) => (v && v.graph.depth > inner.depth ? v.graph : inner), first.graph);
  return edited && edited.depth > own.depth && inputs.every((v) => !v || edited?.reaches(v)) ? edited : own;
}

/** The graphs that `node` carries as attributes. */
export function subgraphs(node: Node): readonly Graph[] {
  return Object.values(node.attributes).flatMap((a) =>
    a.kind === "graph" ? [a.value] : a.kind === "graphs" ? a.value : [],
  );
}

/** Names of inputs, constants and outputs are public; those between are ours to pass on. */
export const canBeRenamed = (v: Value): boolean => v.producer !== null && v.uses.every((u) => u.node !== null);

/** `what` says in the error who would read `value` in `graph`. */
export function mustReach(graph: Graph, value: Value, what: string): void {
  if (!graph.reaches(value))
    throw new GraphError(
      `${what}: '${value.name}' belongs to another graph ('${value.graph.name}', not '${graph.name}')`,
    );
}
