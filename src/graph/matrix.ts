import type { Matrix } from "./dense-layer.js";
import { asFloat32, computed, lazyTensor, readAll, type Tensor } from "./tensor.js";
import { f32 } from "./type.js";

/** A float32 matrix as the weight of a 1x1 convolution, [outputs,inputs,1,1]. */
export function asKernel({ tensor, transposed }: Matrix): Tensor {
  const [rows = 0, columns = 0] = tensor.shape;
  if (!transposed) return lazyTensor(f32(rows, columns, 1, 1), tensor.read);
  return computed(f32(columns, rows, 1, 1), async () => {
    const values = asFloat32(await readAll(tensor));
    return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
  });
}

/** A float32 tensor of n elements as a vector [n]. */
export const asVector = (t: Tensor, n: number): Tensor => lazyTensor(f32(n), t.read);

/** A B of kernels [m,k,1,1] and [k,n,1,1], summed in float64, in the order of k. */
export function multiplyKernels(a: Tensor, b: Tensor): Tensor {
  const [m = 0, k = 0] = a.shape;
  const [, n = 0] = b.shape;
  return computed(f32(m, n, 1, 1), async () => {
    const depth = Math.ceil(k / DEPTH) * DEPTH;
    const left = padded(asFloat32(await readAll(a)), [m, k], [m + 1, depth]);
    const right = padded(asFloat32(await readAll(b)), [k, n], [depth, n]);
    const out = new Float32Array(m * n);
    const [one, two] = [new Float64Array(n), new Float64Array(n)];
    for (let i = 0; i < m; i += 2) {
      one.fill(0);
      two.fill(0);
      for (let j = 0; j < depth; j += DEPTH) addProducts(one, two, left, i * depth + j, depth, right, j * n);
      out.set(one, i * n);
      if (i + 1 < m) out.set(two, (i + 1) * n);
    }
    return out;
  });
}

/** Rows of the right matrix that are added at a time, to two rows of the result: what is loaded and stored is used so often. */
const DEPTH = 4;
/** Adds what DEPTH factors of each of two rows of `left`, the first at `p`, make of as many rows of `right` from `at`. A loop of its own, so that the engine compiles it at once. */
function addProducts(
  one: Float64Array,
  two: Float64Array,
  left: Float32Array,
  p: number,
  depth: number,
  right: Float32Array,
  at: number,
): void {
  const n = one.length;
  const [a, b, c, d] = [left[p], left[p + 1], left[p + 2], left[p + 3]] as [number, number, number, number]; // padded
  const q = p + depth;
  const [e, f, g, h] = [left[q], left[q + 1], left[q + 2], left[q + 3]] as [number, number, number, number]; // padded
  for (let i = 0, v = at; i < n; i++, v++) {
    const w = right[v] as number; // padded
    const x = right[v + n] as number;
    const y = right[v + 2 * n] as number;
    const z = right[v + 3 * n] as number;
    one[i] = (one[i] as number) + a * w + b * x + c * y + d * z; // i < n
    two[i] = (two[i] as number) + e * w + f * x + g * y + h * z;
  }
}

/** A matrix with rows and columns of zeros after its own. */
function padded(
  values: Float32Array,
  [rows, columns]: readonly [number, number],
  [toRows, toColumns]: readonly [number, number],
): Float32Array {
  const out = new Float32Array(toRows * toColumns);
  for (let r = 0; r < rows; r++) out.set(values.subarray(r * columns, (r + 1) * columns), r * toColumns);
  return out;
}

/** A kernel [m,k,1,1] that reads one more channel, by the weights of a vector [m]: [m,k+1,1,1]. */
export function appendInput(a: Tensor, column: Tensor): Tensor {
  const [m = 0, k = 0] = a.shape;
  return computed(f32(m, k + 1, 1, 1), async () => {
    const out = padded(asFloat32(await readAll(a)), [m, k], [m, k + 1]);
    asFloat32(await readAll(column)).forEach((v, r) => {
      out[r * (k + 1) + k] = v;
    });
    return out;
  });
}

/** A kernel [m,k,1,1] that makes one more channel, of zeros: [m+1,k,1,1]. */
export function appendOutput(a: Tensor): Tensor {
  const [m = 0, k = 0] = a.shape;
  return computed(f32(m + 1, k, 1, 1), async () => padded(asFloat32(await readAll(a)), [m, k], [m + 1, k]));
}

/** A v + c of a kernel [m,k,1,1] and vectors [k] and [m], in float64. */
export function applyKernel(a: Tensor, v: Tensor, c: Tensor | null): Tensor {
  const [m = 0, k = 0] = a.shape;
  return computed(f32(m), async () => {
    const [w, x, start] = await Promise.all([readAll(a), readAll(v), c ? readAll(c) : new Uint8Array(m * 4)]);
    const [kernel, vector] = [asFloat32(w), asFloat32(x)];
    return asFloat32(start).map((s, i) => {
      let sum = s;
      for (let j = 0; j < k; j++) sum += (kernel[i * k + j] ?? 0) * (vector[j] ?? 0);
      return sum;
    });
  });
}
