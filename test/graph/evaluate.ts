import type { Graph, Node, Value } from "../../src/graph/graph.js";
import { asFloat32, integers, readAll, type Tensor } from "../../src/graph/tensor.js";
import { elements } from "../../src/graph/type.js";

/** Numbers in row-major order. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export const numbers = (shape: readonly number[], values: Iterable<number>): Numbers => ({
  shape,
  values: Float64Array.from(values),
});

/** What every value of a small graph comes to, in float64: plain loops, written from the operators' pages. */
export async function evaluate(graph: Graph, feeds: Readonly<Record<string, Numbers>>): Promise<Map<Value, Numbers>> {
  const known = new Map<Value, Numbers>();
  for (const c of graph.constants) if (c.constant && c.uses.length) known.set(c, await constant(c.constant));
  for (const v of graph.inputs) known.set(v, feeds[v.name]!);
  for (const node of graph.nodes) {
    const rule = RULES[node.op];
    if (!rule) throw new Error(`no rule for ${node.op}`);
    const inputs = node.inputs.map((v) => (v ? known.get(v)! : numbers([], [])));
    known.set(node.outputs[0]!, rule(inputs, node));
  }
  return known;
}

/** The outputs by name. */
export async function run(graph: Graph, feeds: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>> {
  const known = await evaluate(graph, feeds);
  return Object.fromEntries(graph.outputs.map((v) => [v.name, known.get(v)!]));
}

async function constant(t: Tensor): Promise<Numbers> {
  return numbers(t.shape, integers(t) ?? asFloat32(await readAll(t)));
}

const ints = ({ attributes }: Node, name: string, otherwise: readonly number[]): readonly number[] => {
  const a = attributes[name];
  return a?.kind === "ints" ? a.value.map(Number) : otherwise;
};
const number = ({ attributes }: Node, name: string, otherwise: number): number => {
  const a = attributes[name];
  return a?.kind === "int" || a?.kind === "float" ? Number(a.value) : otherwise;
};

type Rule = (inputs: readonly Numbers[], node: Node) => Numbers;
const same: Rule = ([x]) => x!;
const RULES: Readonly<Record<string, Rule>> = {
  Identity: same,
  Dropout: same,
  Relu: ([x]) =>
    numbers(
      x!.shape,
      x!.values.map((v) => Math.max(v, 0)),
    ),
  Sigmoid: ([x]) =>
    numbers(
      x!.shape,
      x!.values.map((v) => 1 / (1 + Math.exp(-v))),
    ),
  Add: ([a, b]) => broadcast(a!, b!, (p, q) => p + q),
  Mul: ([a, b]) => broadcast(a!, b!, (p, q) => p * q),
  Flatten: ([x]) => numbers([x!.shape[0]!, elements(x!.shape.slice(1))], x!.values),
  Reshape: ([x, shape]) => {
    const kept = Array.from(shape!.values, (d, i) => (d === 0 ? x!.shape[i]! : d));
    const rest = x!.values.length / elements(kept.filter((d) => d !== -1));
    return numbers(
      kept.map((d) => (d === -1 ? rest : d)),
      x!.values,
    );
  },
  GlobalAveragePool: ([x]) => {
    const [n = 0, c = 0, ...space] = x!.shape;
    const size = elements(space);
    const mean = (i: number): number => x!.values.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b, 0) / size;
    return numbers(
      [n, c, ...space.map(() => 1)],
      Array.from({ length: n * c }, (_, i) => mean(i)),
    );
  },
  Gemm: ([a, b, c], node) => {
    const at = (m: Numbers, transposed: number, i: number, j: number): number =>
      transposed ? m.values[j * m.shape[1]! + i]! : m.values[i * m.shape[1]! + j]!;
    const [transA, transB] = [number(node, "transA", 0), number(node, "transB", 0)];
    const [n, k] = transA ? a!.shape.toReversed() : a!.shape;
    const m = transB ? b!.shape[0]! : b!.shape[1]!;
    const out = numbers([n!, m], new Float64Array(n! * m));
    for (let i = 0; i < n!; i++)
      for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let l = 0; l < k!; l++) sum += at(a!, transA, i, l) * at(b!, transB, l, j);
        out.values[i * m + j] = number(node, "alpha", 1) * sum;
      }
    const beta = number(node, "beta", 1);
    return c?.values.length ? broadcast(out, c, (p, q) => p + beta * q) : out;
  },
  BatchNormalization: ([x, scale, bias, mean, variance], node) => {
    const [, c = 0, ...space] = x!.shape;
    const epsilon = number(node, "epsilon", 1e-5);
    const normal = (v: number, i: number): number => {
      const ch = Math.floor(i / elements(space)) % c;
      const deviation = Math.sqrt(variance!.values[ch]! + epsilon);
      return (scale!.values[ch]! * (v - mean!.values[ch]!)) / deviation + bias!.values[ch]!;
    };
    return numbers(x!.shape, x!.values.map(normal));
  },
  Conv: ([x, w, b], node) => {
    const group = number(node, "group", 1);
    const [, c = 0, h = 0, width = 0] = x!.shape;
    const [m = 0, perGroup = 0, kh = 0, kw = 0] = w!.shape;
    return slide(x!, m, [kh, kw], node, (image, out, top, left) => {
      let sum = b?.values[out] ?? 0;
      const first = Math.floor(out / (m / group)) * perGroup;
      for (let p = Math.max(0, -top); p < Math.min(kh, h - top); p++)
        for (let q = Math.max(0, -left); q < Math.min(kw, width - left); q++) {
          let pixel = ((image * c + first) * h + top + p) * width + left + q;
          let weight = (out * perGroup * kh + p) * kw + q;
          for (let i = 0; i < perGroup; i++, pixel += h * width, weight += kh * kw)
            sum += x!.values[pixel]! * w!.values[weight]!;
        }
      return sum;
    });
  },
  MaxPool: ([x], node) => {
    const [, c = 0, h = 0, width = 0] = x!.shape;
    const [kh = 1, kw = 1] = ints(node, "kernel_shape", []);
    return slide(x!, c, [kh, kw], node, (image, channel, top, left) => {
      let most = Number.NEGATIVE_INFINITY;
      for (let y = Math.max(0, top); y < Math.min(h, top + kh); y++)
        for (let z = Math.max(0, left); z < Math.min(width, left + kw); z++)
          most = Math.max(most, x!.values[((image * c + channel) * h + y) * width + z]!);
      return most;
    });
  },
};

/** Puts a number at every place of a window; `at` gets the row and the column of its corner, below 0 in the padding. */
function slide(
  x: Numbers,
  channels: number,
  [kh, kw]: readonly [number, number],
  node: Node,
  at: (image: number, channel: number, top: number, left: number) => number,
): Numbers {
  const [top = 0, left = 0, bottom = 0, right = 0] = ints(node, "pads", [0, 0, 0, 0]);
  const [down = 1, across = 1] = ints(node, "strides", [1, 1]);
  const [n = 0, , h = 0, w = 0] = x.shape;
  const rows = Math.floor((h + top + bottom - kh) / down) + 1;
  const columns = Math.floor((w + left + right - kw) / across) + 1;
  const out = numbers([n, channels, rows, columns], new Float64Array(n * channels * rows * columns));
  let i = 0;
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < channels; channel++)
      for (let y = 0; y < rows; y++)
        for (let z = 0; z < columns; z++) out.values[i++] = at(image, channel, y * down - top, z * across - left);
  return out;
}

function broadcast(a: Numbers, b: Numbers, f: (p: number, q: number) => number): Numbers {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = ({ shape }: Numbers): number[] => [...Array<number>(rank - shape.length).fill(1), ...shape];
  const [p, q] = [padded(a), padded(b)];
  const shape = p.map((d, i) => (d === 1 ? q[i]! : d));
  const offset = (from: readonly number[], place: readonly number[]): number =>
    from.reduce((at, d, i) => at * d + (d === 1 ? 0 : place[i]!), 0);
  const place = (flat: number): number[] => {
    const out: number[] = [];
    for (let i = rank - 1, rest = flat; i >= 0; rest = Math.floor(rest / shape[i]!), i--) out.unshift(rest % shape[i]!);
    return out;
  };
  const values = Array.from({ length: elements(shape) }, (_, i) => {
    const where = place(i);
    return f(a.values[offset(p, where)]!, b.values[offset(q, where)]!);
  });
  return numbers(shape, values);
}
