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

/** A model ready to run. Close it: a runtime's memory is not garbage collected. */
export interface Session {
  /** Name of the execution provider that runs it. */
  readonly provider: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Takes one tensor per input, gives one per output. Calls made while one runs wait their turn. */
  run(feeds: Feeds): Promise<Feeds>;
  close(): Promise<void>;
}
