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
  const bytes = await readAll(t);
  return numbers(t.shape, integers(t) ?? (t.dtype === "bool" ? bytes : asFloat32(bytes)));
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
const each =
  (f: (v: number, node: Node) => number): Rule =>
  ([x], node) =>
    numbers(
      x!.shape,
      x!.values.map((v) => f(v, node)),
    );
const RULES: Readonly<Record<string, Rule>> = {
  Identity: same,
  Dropout: same,
  /** All numbers here are float64: those that the other type has come through as they are. */
  Cast: same,
  Relu: each((v) => Math.max(v, 0)),
  Sigmoid: each((v) => 1 / (1 + Math.exp(-v))),
  Tanh: each(Math.tanh),
  HardSigmoid: each((v, node) => Math.max(0, Math.min(1, number(node, "alpha", 0.2) * v + number(node, "beta", 0.5)))),
  HardSwish: each((v) => v * Math.max(0, Math.min(1, v / 6 + 0.5))),
  Clip: ([x, min, max], node) => {
    const [low = Number.NEGATIVE_INFINITY] = min?.values ?? [];
    const [high = Number.POSITIVE_INFINITY] = max?.values ?? [];
    return each((v) => Math.min(high, Math.max(v, low)))([x!], node);
  },
  Add: ([a, b]) => broadcast(a!, b!, (p, q) => p + q),
  Mul: ([a, b]) => broadcast(a!, b!, (p, q) => p * q),
  Softmax: ([x], node) => {
    const [outer, length, inner] = around(x!, number(node, "axis", -1));
    const out = numbers(x!.shape, x!.values.map(Math.exp));
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const places = Array.from({ length }, (_, l) => (o * length + l) * inner + i);
        const sum = places.reduce((s, at) => s + out.values[at]!, 0);
        for (const at of places) out.values[at]! /= sum;
      }
    return out;
  },
  Concat: (inputs, node) => {
    const axis = number(node, "axis", 0);
    const [outer] = around(inputs[0]!, axis);
    const rows = Array.from({ length: outer }, (_, o) =>
      inputs.flatMap(({ values }) => {
        const size = values.length / outer;
        return [...values.subarray(o * size, (o + 1) * size)];
      }),
    );
    const at = axis < 0 ? axis + inputs[0]!.shape.length : axis;
    const length = inputs.reduce((sum, { shape }) => sum + shape[at]!, 0);
    return numbers(inputs[0]!.shape.with(at, length), rows.flat());
  },
  Transpose: ([x], node) => {
    const perm = ints(
      node,
      "perm",
      x!.shape.map((_, i) => x!.shape.length - 1 - i),
    );
    const shape = perm.map((p) => x!.shape[p]!);
    const strides = perm.map((p) => elements(x!.shape.slice(p + 1)));
    return numbers(
      shape,
      places(shape).map((place) => x!.values[place.reduce((at, d, i) => at + d * strides[i]!, 0)]!),
    );
  },
  Flatten: ([x], node) => {
    const axis = number(node, "axis", 1);
    const at = axis < 0 ? axis + x!.shape.length : axis;
    return numbers([elements(x!.shape.slice(0, at)), elements(x!.shape.slice(at))], x!.values);
  },
  Reshape: ([x, shape], node) => {
    const keeps = !number(node, "allowzero", 0);
    const kept = Array.from(shape!.values, (d) => d === 0 && keeps);
    const asked = Array.from(shape!.values).filter((d, i) => d !== -1 && !kept[i]);
    const rest = elements(x!.shape.filter((_, i) => !kept[i])) / elements(asked);
    return numbers(
      Array.from(shape!.values, (d, i) => (kept[i] ? x!.shape[i]! : d === -1 ? rest : d)),
      x!.values,
    );
  },
  GlobalAveragePool: ([x]) => globally(x!, (map) => map.reduce((a, b) => a + b, 0) / map.length),
  GlobalMaxPool: ([x]) => globally(x!, (map) => Math.max(...map)),
  MatMul: ([a, b]) => {
    const left = a!.shape.length === 1 ? [1, ...a!.shape] : a!.shape;
    const right = b!.shape.length === 1 ? [...b!.shape, 1] : b!.shape;
    const [n, k, m] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
    /** Numbers the matrices of a stack: broadcasting these pairs the stacks' places. */
    const stack = (shape: readonly number[]): Numbers => {
      const batch = shape.slice(0, -2);
      return numbers(
        batch,
        Array.from({ length: elements(batch) }, (_, i) => i),
      );
    };
    const [p, q] = [stack(left), stack(right)];
    const [first, second] = [broadcast(p, q, (i) => i), broadcast(p, q, (_, i) => i)];
    const values = Array.from(first.values, (_, i) =>
      Array.from({ length: n * m }, (_, at) => {
        let sum = 0;
        for (let l = 0; l < k; l++)
          sum +=
            a!.values[(first.values[i]! * n + Math.floor(at / m)) * k + l]! *
            b!.values[(second.values[i]! * k + l) * m + (at % m)]!;
        return sum;
      }),
    );
    const [rows, columns] = [a!.shape.length === 1 ? [] : [n], b!.shape.length === 1 ? [] : [m]];
    return numbers([...first.shape, ...rows, ...columns], values.flat());
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
    const [, c = 1, ...space] = x!.shape;
    const epsilon = number(node, "epsilon", 1e-5);
    const normal = (v: number, i: number): number => {
      const ch = Math.floor(i / elements(space)) % c;
      const deviation = Math.sqrt(variance!.values[ch]! + epsilon);
      return (scale!.values[ch]! * (v - mean!.values[ch]!)) / deviation + bias!.values[ch]!;
    };
    return numbers(x!.shape, x!.values.map(normal));
  },
  LRN: ([x], node) => {
    const [, c = 0, ...space] = x!.shape;
    const [size, inner] = [number(node, "size", 0), elements(space)];
    const normal = (v: number, i: number): number => {
      const ch = Math.floor(i / inner) % c;
      let squares = 0;
      const last = Math.min(c - 1, ch + Math.ceil((size - 1) / 2));
      for (let other = Math.max(0, ch - Math.floor((size - 1) / 2)); other <= last; other++)
        squares += x!.values[i + (other - ch) * inner]! ** 2;
      const scale = number(node, "bias", 1) + (number(node, "alpha", 1e-4) / size) * squares;
      return v / scale ** number(node, "beta", 0.75);
    };
    return numbers(x!.shape, x!.values.map(normal));
  },
  Conv: ([x, w, b], node) => {
    const group = number(node, "group", 1);
    const [down = 1, across = 1] = ints(node, "dilations", [1, 1]);
    const [, c = 0, h = 0, width = 0] = x!.shape;
    const [m = 0, perGroup = 0, kh = 0, kw = 0] = w!.shape;
    return slide(x!, m, [kh, kw], node, (image, out, top, left) => {
      let sum = b?.values[out] ?? 0;
      const first = Math.floor(out / (m / group)) * perGroup;
      for (let p = 0, y = top; p < kh; p++, y += down)
        for (let q = 0, z = left; q < kw; q++, z += across) {
          if (y < 0 || y >= h || z < 0 || z >= width) continue;
          let pixel = ((image * c + first) * h + y) * width + z;
          let weight = (out * perGroup * kh + p) * kw + q;
          for (let i = 0; i < perGroup; i++, pixel += h * width, weight += kh * kw)
            sum += x!.values[pixel]! * w!.values[weight]!;
        }
      return sum;
    });
  },
  MaxPool: ([x], node) => pool(x!, node, (inside) => Math.max(...inside)),
  AveragePool: ([x], node) =>
    pool(x!, node, (inside, cells) => {
      const count = number(node, "count_include_pad", 0) ? cells : inside.length;
      return inside.reduce((a, b) => a + b, 0) / count;
    }),
};

/** Number of places before `axis`, along it and behind it. */
function around({ shape }: Numbers, axis: number): readonly [number, number, number] {
  const at = axis < 0 ? axis + shape.length : axis;
  return [elements(shape.slice(0, at)), shape[at]!, elements(shape.slice(at + 1))];
}

/** One number for each image and channel, from its whole map. */
function globally({ shape, values }: Numbers, f: (map: Float64Array) => number): Numbers {
  const [n = 0, c = 0, ...space] = shape;
  const size = elements(space);
  return numbers(
    [n, c, ...space.map(() => 1)],
    Array.from({ length: n * c }, (_, i) => f(values.subarray(i * size, (i + 1) * size))),
  );
}

/** One number for every place of a window, from the pixels in it and how many cells it has there in the padded image. */
function pool(x: Numbers, node: Node, f: (inside: readonly number[], cells: number) => number): Numbers {
  const [, c = 0, h = 0, w = 0] = x.shape;
  const [kh = 1, kw = 1] = ints(node, "kernel_shape", []);
  const [, , bottom = 0, right = 0] = ints(node, "pads", [0, 0, 0, 0]);
  const [down = 1, across = 1] = ints(node, "dilations", [1, 1]);
  return slide(x, c, [kh, kw], node, (image, channel, top, left) => {
    const inside: number[] = [];
    let cells = 0;
    for (let y = top; y < top + kh * down; y += down)
      for (let z = left; z < left + kw * across; z += across) {
        if (y < h + bottom && z < w + right) cells++;
        if (y >= 0 && y < h && z >= 0 && z < w) inside.push(x.values[((image * c + channel) * h + y) * w + z]!);
      }
    return f(inside, cells);
  });
}

/** Puts a number at every place of a window; `at` gets the row and the column of its corner, below 0 in the padding. */
function slide(
  x: Numbers,
  channels: number,
  [kh, kw]: readonly [number, number],
  node: Node,
  at: (image: number, channel: number, top: number, left: number) => number,
): Numbers {
  const [n = 0, , h = 0, w = 0] = x.shape;
  const [rows, columns] = [corners(h, kh, node, 0), corners(w, kw, node, 1)];
  const out = numbers(
    [n, channels, rows.length, columns.length],
    new Float64Array(n * channels * rows.length * columns.length),
  );
  let i = 0;
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < channels; channel++)
      for (const top of rows) for (const left of columns) out.values[i++] = at(image, channel, top, left);
  return out;
}

/**
 * Where a window starts along an axis: as long as it fits; with ceil_mode until the end is reached, as long as it starts before the end padding.
 */
function corners(size: number, kernel: number, node: Node, axis: 0 | 1): readonly number[] {
  const pads = ints(node, "pads", [0, 0, 0, 0]);
  const stride = ints(node, "strides", [1, 1])[axis]!;
  const extent = ints(node, "dilations", [1, 1])[axis]! * (kernel - 1) + 1;
  const end = size + pads[axis + 2]!;
  const fits = number(node, "ceil_mode", 0)
    ? (at: number): boolean => at < size && at - stride + extent < end
    : (at: number): boolean => at + extent <= end;
  const out: number[] = [];
  for (let at = -pads[axis]!; fits(at); at += stride) out.push(at);
  return out;
}

function broadcast(a: Numbers, b: Numbers, f: (p: number, q: number) => number): Numbers {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = ({ shape }: Numbers): number[] => [...Array<number>(rank - shape.length).fill(1), ...shape];
  const [p, q] = [padded(a), padded(b)];
  const shape = p.map((d, i) => (d === 1 ? q[i]! : d));
  const offset = (from: readonly number[], place: readonly number[]): number =>
    from.reduce((at, d, i) => at * d + (d === 1 ? 0 : place[i]!), 0);
  const values = places(shape).map((where) => f(a.values[offset(p, where)]!, b.values[offset(q, where)]!));
  return numbers(shape, values);
}

/** Every place of a tensor in row-major order, as its indices. */
function places(shape: readonly number[]): readonly (readonly number[])[] {
  const at = (flat: number): number[] => {
    const out: number[] = [];
    for (let i = shape.length - 1, rest = flat; i >= 0; rest = Math.floor(rest / shape[i]!), i--)
      out.unshift(rest % shape[i]!);
    return out;
  };
  return Array.from({ length: elements(shape) }, (_, i) => at(i));
}
