import { type Graph, GraphError, type Value } from "./graph.js";
import { type Init, type Parameter, parameter } from "./parameter.js";
import type { Tensor } from "./tensor.js";
import { f32, sameShape, showShape } from "./type.js";

interface Entry {
  readonly parameter: Parameter;
  readonly value: Value;
}

/** A place in the module tree. Its path names nodes, finds weights and stands in errors: one spelling, that of PyTorch's state-dict keys. */
export class Scope {
  readonly graph: Graph;
  readonly path: string;
  readonly #entries: Map<string, Entry>;
  readonly #shared: Map<string, Value>;

  constructor(graph: Graph, path = "", entries = new Map<string, Entry>(), shared = new Map<string, Value>()) {
    this.graph = graph;
    this.path = path;
    this.#entries = entries;
    this.#shared = shared;
  }
  /** The submodule `name`: `s.at("layer1").at(0)` is layer1.0. */
  at(name: string | number): Scope {
    return new Scope(this.graph, this.name(`${name}`), this.#entries, this.#shared);
  }
  /** The full name of something here. */
  name(local: string): string {
    return this.path ? `${this.path}.${local}` : local;
  }
  /** The float32 parameter `name` of this module. Asking twice for one key gives one parameter. */
  param(name: string, shape: readonly number[], init: Init, { trainable = true } = {}): Value {
    const key = this.name(name);
    const known = this.#entries.get(key);
    if (known) {
      if (!sameShape(known.parameter.type.shape, shape))
        throw new GraphError(
          `the parameter '${key}' is asked for as ${showShape(shape)} and as ${showShape(known.parameter.type.shape)}`,
        );
      return known.value;
    }
    const made = parameter(key, f32(...shape), init, trainable);
    const value = this.graph.constant(key, made.tensor);
    this.#entries.set(key, { parameter: made, value });
    return value;
  }
  /** The constant `name` of the whole network, made when it is first asked for. */
  shared(name: string, tensor: Tensor): Value {
    const value = this.#shared.get(name) ?? this.graph.constant(name, tensor);
    this.#shared.set(name, value);
    return value;
  }
  /** Every parameter asked for so far, in that order. */
  get parameters(): readonly Parameter[] {
    return Array.from(this.#entries.values(), (e) => e.parameter);
  }
}
