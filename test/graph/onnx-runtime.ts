import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { encodeToBytes } from "../../src/export/encode.js";
import { fromHalf, toHalf } from "../../src/graph/cast.js";
import type { DType } from "../../src/graph/dtype.js";
import type { Graph, Value } from "../../src/graph/graph.js";
import { type Dim, elements, isRanked } from "../../src/graph/type.js";

/** A tensor as ONNX Runtime gives it. */
export interface Ran {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Lengths by the names that inputs give them; what has no name is `otherwise`. */
export type Lengths = Readonly<Record<string, number>> & { readonly otherwise?: number };

/** Numbers that a formula gives, for every input of `graph`. */
export function feedsFor(graph: Graph, lengths: Lengths = {}): Record<string, OrtTensor> {
  return Object.fromEntries(
    graph.inputs.map((v, phase) => {
      if (!isRanked(v.type)) throw new Error(`${v.name} has no shape`);
      const lengthOf = (d: Dim): number =>
        typeof d === "number" ? d : ((d === null ? null : lengths[d]) ?? lengths.otherwise ?? 2);
      const dims = v.type.shape.map(lengthOf);
      return [v.name, wave(v.type.dtype, dims, phase)];
    }),
  );
}
/** A vector of int64, for a shape that is an input. */
export const int64Feed = (...numbers: number[]): OrtTensor =>
  new OrtTensor("int64", BigInt64Array.from(numbers, BigInt), [numbers.length]);

function wave(dtype: DType, dims: number[], phase: number): OrtTensor {
  const numbers = Array.from({ length: elements(dims) }, (_, i) => 3 * Math.sin(1.7 * i + phase));
  if (dtype === "float32") return new OrtTensor("float32", Float32Array.from(numbers), dims);
  if (dtype === "float16") return new OrtTensor("float16", halves(numbers), dims);
  if (dtype === "int64")
    return new OrtTensor(
      "int64",
      BigInt64Array.from(numbers, (n) => BigInt(Math.trunc(n))),
      dims,
    );
  if (dtype === "bool")
    return new OrtTensor(
      "bool",
      Uint8Array.from(numbers, (n) => Number(n > 0)),
      dims,
    );
  throw new Error(`no numbers are made up of ${dtype}`);
}

/** float16's bits. */
const halves = (numbers: readonly number[]): Uint16Array =>
  Uint16Array.from(new Uint32Array(Float32Array.from(numbers).buffer), toHalf);

/** The outputs of `graph` by name, without ONNX Runtime's own rewrites. */
export async function runOnnx(graph: Graph, feeds: Record<string, OrtTensor>): Promise<Record<string, Ran>> {
  const session = await InferenceSession.create(await encodeToBytes(graph), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const results = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, t]) => [name, { dtype: t.type, shape: t.dims, values: numbersOf(t) }]),
    );
  } finally {
    await session.release();
  }
}

/** Of a tensor of numbers; float16 comes as bits. */
const numbersOf = ({ type, data }: OrtTensor): readonly number[] =>
  Array.from(data as Iterable<number | bigint>, (v) => (type === "float16" ? fromHalf(Number(v)) : Number(v)));

/** Makes every value of the main graph an output. */
export function exposeAll(graph: Graph): readonly Value[] {
  const all = graph.nodes.flatMap((n) => n.outputs.filter((v) => v.name));
  for (const v of all) if (!graph.outputs.includes(v)) graph.output(v);
  return all;
}

/** The largest difference of two runs over the largest number of each output. */
export function relativeDifference(a: Readonly<Record<string, Ran>>, b: Readonly<Record<string, Ran>>): number {
  const names = Object.keys(a);
  if (names.join() !== Object.keys(b).join()) throw new Error(`outputs are ${names} and ${Object.keys(b)}`);
  return Math.max(
    ...names.map((name) => {
      const [p, q] = [a[name]!, b[name]!];
      if (p.shape.join() !== q.shape.join() || p.dtype !== q.dtype) return Number.POSITIVE_INFINITY;
      const scale = p.values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
      return (
        p.values.reduce((most, v, i) => {
          const d = Math.abs(v - q.values[i]!);
          return Object.is(v, q.values[i]) || (Number.isNaN(v) && Number.isNaN(q.values[i]))
            ? most
            : Number.isNaN(d)
              ? Number.POSITIVE_INFINITY
              : Math.max(most, d);
        }, 0) / scale
      );
    }),
  );
}
