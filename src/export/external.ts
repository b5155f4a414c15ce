import { type Graph, subgraphs } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import type { Payload } from "./proto.js";
import { bytesOf } from "./rope.js";

/** Tensors smaller than this stay in the .onnx file, as ONNX's own tools have it. */
const MIN_BYTES = 1024;
/** Places are multiples of this, so that a runtime may map them into memory. */
const ALIGNMENT = 4096;
/** protobuf's limit for one message is 2 GiB; the rest is room for the graph itself. */
const MAX_INLINE_BYTES = 2 ** 31 - 2 ** 26;

/** True where the constants do not fit into an .onnx file. */
export const mustBeExternal = (graph: Graph): boolean => constantBytes(graph) > MAX_INLINE_BYTES;

/** Which tensors live in a file of their own, and where in it. */
export interface ExternalPlan {
  readonly byteLength: number;
  readonly offsets: ReadonlyMap<Tensor, number>;
}

export function planExternal(graph: Graph): ExternalPlan {
  const offsets = new Map<Tensor, number>();
  let end = 0;
  for (const tensor of constantTensors(graph)) {
    if (tensor.byteLength < MIN_BYTES || tensor.dtype === "string" || offsets.has(tensor)) continue;
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    offsets.set(tensor, offset);
    end = offset + tensor.byteLength;
  }
  return { byteLength: end, offsets };
}

/** The file of a plan, `chunk` bytes at a time, in `memory` as `bytesOf` has it. */
export function externalBytes(
  { byteLength, offsets }: ExternalPlan,
  chunk: number,
  memory: ArrayBuffer | null = null,
): AsyncGenerator<Uint8Array> {
  const parts: Payload[] = [];
  let end = 0;
  for (const [tensor, offset] of offsets) {
    if (offset > end) parts.push(new Uint8Array(offset - end));
    parts.push(tensor);
    end = offset + tensor.byteLength;
  }
  return bytesOf({ byteLength, parts }, chunk, memory);
}

/** Bytes of all constants. */
export const constantBytes = (graph: Graph): number => constantTensors(graph).reduce((n, t) => n + t.byteLength, 0);

function constantTensors(graph: Graph): readonly Tensor[] {
  const own = [...graph.constants.flatMap((c) => (c.constant ? [c.constant] : [])), ...graph.defaults.values()];
  return [...own, ...graph.nodes.flatMap(subgraphs).flatMap(constantTensors)];
}
