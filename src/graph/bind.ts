import { castable, toFloat32 } from "./cast.js";
import { UserError } from "./error.js";
import type { Parameter } from "./parameter.js";
import { lazyTensor, type Tensor } from "./tensor.js";
import { type ConcreteType, elements, sameShape, show } from "./type.js";

/** Tensors by key, as a checkpoint holds them. */
export interface WeightSource {
  /** What a message calls it: a file name. */
  readonly name: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
}
interface Change {
  readonly key: string;
  readonly found: ConcreteType;
  readonly wanted: ConcreteType;
}
/** How the keys and shapes of a checkpoint meet those of a network. */
export interface BindReport {
  readonly matched: readonly string[];
  /** A 1x1 convolution [M,C,1,1] is a matrix [M,C], and so is one over the whole of its input. */
  readonly reshaped: readonly Change[];
  readonly missing: readonly Parameter[];
  readonly misshapen: readonly Change[];
  /** Keys of the source that the network does not ask for; integers are left out, such as num_batches_tracked or the shapes in an .onnx file. */
  readonly unexpected: readonly string[];
}

/** Compares, and binds nothing. */
export function compareKeys(parameters: readonly Parameter[], source: WeightSource): BindReport {
  const matched: string[] = [];
  const reshaped: Change[] = [];
  const missing: Parameter[] = [];
  const misshapen: Change[] = [];
  for (const p of parameters) {
    const found = source.tensors.get(p.key);
    if (!found) {
      missing.push(p);
      continue;
    }
    const same = sameShape(found.shape, p.type.shape);
    const change: Change = { key: p.key, found, wanted: p.type };
    if (!castable(found.dtype) || (!same && !equalButForOnes(found, p.type) && !isMatrix(found, p.type)))
      misshapen.push(change);
    else if (same) matched.push(p.key);
    else reshaped.push(change);
  }
  const wanted = new Set(parameters.map((p) => p.key));
  const unexpected = Array.from(source.tensors)
    .filter(([key, t]) => !wanted.has(key) && t.dtype !== "int64" && !key.endsWith("num_batches_tracked"))
    .map(([key]) => key);
  return { matched, reshaped, missing, misshapen, unexpected };
}

/** Gives every parameter the source's tensor of its key, converted to float32, and says all that did not fit. */
export function bind(parameters: readonly Parameter[], source: WeightSource): BindReport {
  const report = compareKeys(parameters, source);
  const fitting = new Set([...report.matched, ...report.reshaped.map((change) => change.key)]);
  for (const p of parameters) {
    const found = source.tensors.get(p.key);
    if (!found || !fitting.has(p.key)) continue;
    const values = toFloat32(found);
    p.bind(sameShape(found.shape, p.type.shape) ? values : lazyTensor(p.type, values.read));
  }
  return report;
}

/** Throws a UserError that lists every key of the report that does not fit. */
export function requireAll({ missing, misshapen, unexpected }: BindReport, source: string): void {
  const lines = [
    ...misshapen.map((c) => `  ${c.key}: the network takes ${show(c.wanted)}, the file has ${show(c.found)}`),
    ...missing.map((p) => `  ${p.key}: missing, the network takes ${show(p.type)}`),
    ...unexpected.map((k) => `  ${k}: not in the network`),
  ];
  if (!lines.length) return;
  const counts = [
    `${missing.length} missing`,
    `${misshapen.length} of another shape or type`,
    `${unexpected.length} unexpected`,
  ].join(", ");
  throw new UserError(`${source} does not fit the network: ${counts}.\n${lines.join("\n")}`);
}

const withoutOnes = (t: ConcreteType): readonly number[] => t.shape.filter((d) => d !== 1);
const equalButForOnes = (a: ConcreteType, b: ConcreteType): boolean =>
  elements(a.shape) === elements(b.shape) && sameShape(withoutOnes(a), withoutOnes(b));
/** A convolution [M,C,H,W] over the whole of its input [N,C,H,W], for a matrix [M,C*H*W]. */
const isMatrix = (convolution: ConcreteType, matrix: ConcreteType): boolean =>
  convolution.shape.length === 4 &&
  matrix.shape.length === 2 &&
  convolution.shape[0] === matrix.shape[0] &&
  elements(convolution.shape) === elements(matrix.shape);
