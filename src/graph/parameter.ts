import { UserError } from "./error.js";
import { byteLength, type Tensor } from "./tensor.js";
import { type ConcreteType, show } from "./type.js";

/** How a parameter starts when no weights are given. */
export type Init =
  /** Uniform in [-b, b) with b = sqrt(6 / fan-in), He et al. 2015 (https://arxiv.org/abs/1502.01852), for layers before a ReLU. */
  { readonly kind: "he-uniform"; readonly fanIn: number } | { readonly kind: "constant"; readonly value: number };

/** A tensor that a network asks for by its PyTorch state-dict key. It gets its bytes from `bind` or `initialize`. */
export interface Parameter {
  readonly key: string;
  readonly type: ConcreteType;
  readonly init: Init;
  /** False for running statistics, which PyTorch calls buffers. */
  readonly trainable: boolean;
  /** Stands in the graph from the start; reading it before anything is bound is an error. */
  readonly tensor: Tensor;
  /** Gives it its bytes; throws a UserError where `source` is of another type. */
  bind(source: Tensor): void;
}

export function parameter(key: string, type: ConcreteType, init: Init, trainable = true): Parameter {
  let source: Tensor | null = null;
  return {
    key,
    type,
    init,
    trainable,
    tensor: {
      ...type,
      byteLength: byteLength(type),
      get data() {
        return source?.data ?? null;
      },
      async read(start, end, into) {
        if (!source)
          throw new UserError(`the parameter '${key}' has no value yet: give the network weights before reading it`);
        return source.read(start, end, into);
      },
    },
    bind(tensor) {
      if (show(tensor) !== show(type))
        throw new UserError(`the parameter '${key}' is ${show(type)}, not ${show(tensor)}`);
      source = tensor;
    },
  };
}
