import type { DType } from "../graph/dtype.js";
import type { Type } from "../graph/type.js";

/** The numbers of a tensor in memory. float16 and bfloat16 are their bits, bool is 0 and 1. */
export type HostArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: HostArray;
}
/** Tensors by input or output name. */
export type Feeds = Readonly<Record<string, HostTensor>>;

/** One input or output of a model. */
export interface Port {
  readonly name: string;
  readonly type: Type | null;
}

/** A device that was tried before the one that runs the model, and why it does not. */
export interface Attempt {
  readonly device: string;
  readonly reason: string;
}
/** What ran where, by provider: nodes of the graph as the runtime fused them, and how many of each operator. */
export type Placement = Readonly<
  Record<string, { readonly nodes: number; readonly operators: Readonly<Record<string, number>> }>
>;

/** A model ready to run. Close it: a runtime's memory is not garbage collected. */
export interface Session {
  /** Name of the execution provider that runs it. */
  readonly provider: string;
  /** It has no kernel for some nodes, and these run on the processor: `placement` tells which. */
  readonly fallback: boolean;
  /** Devices that were to be preferred. */
  readonly tried: readonly Attempt[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Takes one tensor per input, gives one per output. Calls made while one runs wait their turn. */
  run(feeds: Feeds): Promise<Feeds>;
  /** Loads the model once more, with the runtime's profiler, runs it on `feeds` (zeros, lengths that are not known being 1, unless
   *  given) and counts which provider ran each node. */
  placement(feeds?: Feeds): Promise<Placement>;
  close(): Promise<void>;
}
