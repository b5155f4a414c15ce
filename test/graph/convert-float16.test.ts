import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { resnet18 } from "../../models/resnet.js";
import { squeezeExciteConv } from "../../models/se-block.js";
import { type BuildOptions, buildModel } from "../../src/build.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { fromHalf, toFloat16, toHalf } from "../../src/graph/cast.js";
import { check } from "../../src/graph/check.js";
import { dataType } from "../../src/graph/dtype.js";
import { Graph, type Node, type Value } from "../../src/graph/graph.js";
import { add } from "../../src/graph/ops/add.js";
import { averagePool } from "../../src/graph/ops/average-pool.js";
import { cast } from "../../src/graph/ops/cast.js";
import { conv } from "../../src/graph/ops/conv.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { gemm } from "../../src/graph/ops/gemm.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import { relu } from "../../src/graph/ops/relu.js";
import { reshape } from "../../src/graph/ops/reshape.js";
import { sigmoid } from "../../src/graph/ops/sigmoid.js";
import { softmax } from "../../src/graph/ops/softmax.js";
import { convertFloat16 } from "../../src/graph/passes/convert-float16.js";
import { conversions } from "../../src/graph/passes/index.js";
import { float32s, int64s, lazyTensor, readAll, type Tensor } from "../../src/graph/tensor.js";
import { elements, f32, isRanked, show } from "../../src/graph/type.js";

const wave = (shape: readonly number[], scale = 1): Tensor =>
  float32s(
    Array.from({ length: elements(shape) }, (_, i) => scale * Math.sin(1.7 * i + shape.length)),
    shape,
  );
const bitsOf = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0]!;
const half = (x: number): number => toHalf(bitsOf(x));

describe("float32 to float16", () => {
  test("is what NumPy's astype gives", () => {
    const golden: readonly (readonly [float32: number, float16: number])[] = [
      [0x00000000, 0x0000], // 0
      [0x80000000, 0x8000], // -0
      [0x3f800000, 0x3c00], // 1
      [0x3eaaaaab, 0x3555], // 1/3
      [0x40490fdb, 0x4248], // pi
      [0x477fe000, 0x7bff], // 65504, the largest
      [0x477fefff, 0x7bff], // below 65520
      [0x45001000, 0x6800], // 2049: a tie, down to even
      [0x45002fd7, 0x6801], // below 2051
      [0x45003000, 0x6802], // 2051: a tie, up to even
      [0x3f801000, 0x3c00], // 1 + 2^-11: a tie
      [0x3f803000, 0x3c02], // 1 + 3 2^-11: a tie
      [0x38800000, 0x0400], // 2^-14, the smallest normal
      [0x387fe000, 0x0400], // rounds up to it
      [0x387fda40, 0x03ff], // the largest subnormal
      [0x37fba882, 0x01f7], // 3e-5
      [0xb5c9539c, 0x8019], // -1.5e-6
      [0x33800000, 0x0001], // 2^-24, the smallest
      [0x33c00000, 0x0002], // 1.5 2^-24: a tie
      [0x33000000, 0x0000], // 2^-25: a tie
      [0x33000001, 0x0001], // just above it
      [0x322bcc77, 0x0000], // 1e-8
      [0x000116c2, 0x0000], // a subnormal of float32
    ];
    for (const [bits, expected] of golden) expect(toHalf(bits), bits.toString(16)).toBe(expected);
  });

  test("undoes float16 to float32, and rounds halfway between two neighbours to the even one", () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      const here = fromHalf(bits);
      const next = bits < 0x7bff ? fromHalf(bits + 1) : 65536;
      const up = Math.min(bits + 1, 0x7bff);
      const middle = bitsOf((here + next) / 2); // exact: one bit more than float16 has
      const found = [bitsOf(here), middle - 1, middle, middle + 1].map(toHalf);
      const expected = [bits, bits, bits % 2 ? up : bits, up];
      if (`${found}` !== `${expected}`) expect(found, `0x${bits.toString(16)}`).toEqual(expected);
      const negative = toHalf((middle | 0x8000_0000) >>> 0);
      if (negative !== (expected[2]! | 0x8000)) expect(negative).toBe(expected[2]! | 0x8000);
    }
  });

  test("clamps what is too large, and keeps infinities and NaN", () => {
    expect([65520, 1e5, 3.4e38, -65520, -1e9].map((x) => fromHalf(half(x)))).toEqual([
      65504, 65504, 65504, -65504, -65504,
    ]);
    expect(fromHalf(half(Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
    expect(fromHalf(half(Number.NEGATIVE_INFINITY))).toBe(Number.NEGATIVE_INFINITY);
    expect([0x7fc00000, 0x7f800001, 0xffffffff].map((bits) => fromHalf(toHalf(bits)))).toEqual([NaN, NaN, NaN]);
  });

  test.each([true, false])("of a tensor, any range of it alone; at hand: %s", async (atHand) => {
    const values = Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 13) - 7));
    const source = float32s(values, [10, 100]);
    const reads: number[] = [];
    const lazy = lazyTensor(source, async (start, end) => {
      reads.push(end - start);
      const odd = new Uint8Array(end - start + 1).subarray(1); // not aligned
      odd.set(await source.read(start, end));
      return odd;
    });
    const narrowed = toFloat16(atHand ? source : lazy);
    expect(show(narrowed)).toBe("float16[10,100]");
    expect(narrowed.byteLength).toBe(2000);
    expect(narrowed.data === null).toBe(!atHand);
    expect(reads).toEqual([]);
    const all = await readAll(narrowed);
    expect(Array.from(new Uint16Array(all.slice().buffer))).toEqual(values.map(half));
    expect(await narrowed.read(200, 460)).toEqual(all.slice(200, 460));
    expect(reads).toEqual(atHand ? [] : [4000, 520]);
    expect(new Float32Array((await readAll(source)).buffer)).toEqual(Float32Array.from(values)); // untouched
  });

  test("of anything but float32 is refused", () => {
    expect(() => toFloat16(int64s([1]))).toThrow("int64 cannot be read as float16");
  });
});

const lines = (graph: Graph): string[] =>
  graph.nodes.map(
    (n) => `${n.outputs.map((v) => `${v.name}: ${show(v.type)}`)} = ${n.op}(${n.inputs.map((v) => v?.name)})`,
  );
const interfaceOf = (graph: Graph): string[] =>
  [...graph.inputs, ...graph.outputs].map((v) => `${v.name}: ${show(v.type)}`);

function expectSound(graph: Graph, before: readonly string[]): void {
  expect(check(graph)).toEqual([]);
  expect(interfaceOf(graph)).toEqual(before);
  const undone = graph.nodes.filter((n) => n.op === "Cast" && n.inputs[0]?.producer?.op === "Cast");
  expect(undone.map((n) => n.name)).toEqual([]);
  const unread = [...graph.constants, ...graph.nodes.flatMap((n) => (n.op === "Cast" ? n.outputs : []))];
  expect(unread.filter((v) => !v.uses.length).map((v) => v.name)).toEqual([]);
}

/** A convolution and an SE block, by hand. */
function block(): { readonly graph: Graph; readonly image: Value } {
  const graph = new Graph("g");
  const image = graph.input("image", f32("N", 3, 8, 8));
  const c = (name: string, t: Tensor): Value => graph.constant(name, t);
  const x = conv(image, c("w", wave([4, 3, 1, 1])), c("b", wave([4])), { name: "conv" });
  const squeezed = flatten(globalAveragePool(x, { name: "pool" }), { name: "vector" });
  const gate = sigmoid(gemm(squeezed, c("fc", wave([4, 4])), null, { name: "fc" }), { name: "gate" });
  const scale = reshape(gate, c("shape", int64s([0, 4, 1, 1])), { name: "column" });
  graph.output(relu(mul(x, scale, { name: "scale" }), { name: "relu" }), "y");
  return { graph, image };
}

describe("convert-float16", () => {
  test("computes in float16 between float32 inputs and outputs, the squeeze in float32", () => {
    const { graph } = block();
    const before = interfaceOf(graph);
    expect(convertFloat16.run(graph)).toEqual({
      applied: 6,
      skipped: [{ node: "pool", reason: "GlobalAveragePool adds up many numbers, which stays float32" }],
    });
    expect(lines(graph)).toEqual([
      "image.float16: float16[N,3,8,8] = Cast(image)",
      "conv: float16[N,4,8,8] = Conv(image.float16,w,b)",
      "conv.float32: float32[N,4,8,8] = Cast(conv)",
      "pool: float32[N,4,1,1] = GlobalAveragePool(conv.float32)",
      "vector: float32[N,4] = Flatten(pool)",
      "vector.float16: float16[N,4] = Cast(vector)",
      "fc: float16[N,4] = Gemm(vector.float16,fc)",
      "gate: float16[N,4] = Sigmoid(fc)",
      "column: float16[N,4,1,1] = Reshape(gate,shape)",
      "scale: float16[N,4,8,8] = Mul(conv,column)",
      "y.float16: float16[N,4,8,8] = Relu(scale)",
      "y: float32[N,4,8,8] = Cast(y.float16)",
    ]);
    expect(graph.constants.map((v) => `${v.name}: ${show(v.type)}`).sort()).toEqual([
      "b: float16[4]",
      "fc: float16[4,4]",
      "shape: int64[4]",
      "w: float16[4,3,1,1]",
    ]);
    expectSound(graph, before);
  });

  test("finds nothing left to do the second time", () => {
    const { graph } = block();
    const { skipped } = convertFloat16.run(graph);
    const once = lines(graph);
    expect(convertFloat16.run(graph)).toEqual({ applied: 0, skipped });
    expect(lines(graph)).toEqual(once);
  });

  test("leaves other domains, unknown operators and long sums in float32, and says why", () => {
    const graph = new Graph("g");
    graph.opsets.set("com.example", 1);
    const x = graph.input("x", f32(1, 2, 8, 8));
    const type = f32(1, 2, 8, 8);
    const other = (v: Value, op: string, domain: string): Value =>
      graph.add({ op, domain, name: op, inputs: [v], outputs: [{ name: op, type }] }).outputs[0]!;
    const window = (v: Value, k: number): Value =>
      averagePool(v, { kernel_shape: [k, k], pads: [k >> 1, k >> 1, k >> 1, k >> 1], name: `mean of ${k}x${k}` });
    const custom = other(other(relu(x, { name: "first" }), "Relu", "com.example"), "Erf", "");
    const pooled = window(window(relu(custom, { name: "last" }), 3), 7);
    graph.output(softmax(flatten(pooled)), "y");
    const before = interfaceOf(graph);
    expect(convertFloat16.run(graph)).toEqual({
      applied: 3,
      skipped: [
        { node: "Relu", reason: "com.example.Relu is not known to be safe in float16" },
        { node: "Erf", reason: "Erf is not known to be safe in float16" },
        { node: "mean of 7x7", reason: "AveragePool over 7x7 adds up many numbers, which stays float32" },
        { node: "mean of 7x7.Softmax", reason: "Softmax adds up many numbers, which stays float32" },
      ],
    });
    expect(graph.nodes.map((n) => n.op).join(" ")).toBe(
      "Cast Relu Cast Relu Erf Cast Relu AveragePool Cast AveragePool Flatten Softmax", // no Casts between neighbours in float32
    );
    expectSound(graph, before);
  });

  test("takes Casts that are there into account", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(2, 4));
    const narrowed = cast(relu(x), { to: dataType("float16"), name: "theirs" });
    const back = cast(relu(narrowed), { to: dataType("float32") });
    graph.output(add(relu(back), relu(back)), "y");
    graph.output(cast(add(x, back), { to: dataType("int32") }), "whole");
    const before = interfaceOf(graph);
    expect(convertFloat16.run(graph).skipped).toEqual([
      { node: "Cast", reason: "Cast is not known to be safe in float16" },
    ]);
    expect(graph.nodes.map((n) => n.op).join(" ")).toBe("Cast Relu Relu Relu Relu Add Cast Add Cast Cast");
    expect(check(graph)).toEqual([]);
    expect(interfaceOf(graph)).toEqual(before);
  });

  test("keeps float32 for a subgraph that reads a value, and for a constant that something else reads", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(4));
    const condition = graph.input("condition", { kind: "tensor", dtype: "bool", shape: [] });
    const weights = graph.constant("w", wave([4]));
    const made = relu(add(x, weights), { name: "made" });
    const body = new Graph("body", { parent: graph });
    const inner = body.add({
      op: "Add",
      name: "inner",
      inputs: [made, weights],
      outputs: [{ name: "inner", type: f32(4) }],
    });
    body.output(inner.outputs[0]!);
    const attributes = {
      then_branch: { kind: "graph", value: body },
      else_branch: { kind: "graph", value: body },
    } as const;
    const either = graph.add({
      op: "If",
      name: "either",
      inputs: [condition],
      attributes,
      outputs: [{ name: "either", type: f32(4) }],
    });
    graph.output(add(either.outputs[0]!, made), "y");
    expect(convertFloat16.run(graph)).toEqual({
      applied: 3,
      skipped: [{ node: "either", reason: "If is not known to be safe in float16" }],
    });
    expect(inner.inputs.map((v) => `${v?.name}: ${show(v?.type ?? null)}`)).toEqual([
      "made.float32: float32[4]",
      "w: float32[4]",
    ]);
    expect(graph.constants.map((v) => show(v.type)).sort()).toEqual(["float16[4]", "float32[4]"]);
    expect(check(graph)).toEqual([]);
  });

  test("leaves integers, second outputs and values of unknown type alone", () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(1, 2, 4, 4));
    const kernel_shape = { kind: "ints", value: [2, 2] } as const;
    const pool = graph.add({
      op: "MaxPool",
      name: "pool",
      inputs: [x],
      attributes: { kernel_shape },
      outputs: [
        { name: "largest", type: f32(1, 2, 3, 3) },
        { name: "places", type: { kind: "tensor", dtype: "int64", shape: [1, 2, 3, 3] } },
      ],
    });
    const unknown = graph.add({ op: "Neg", name: "neg", inputs: [x], outputs: [{ name: "neg", type: null }] });
    for (const v of [...pool.outputs, ...unknown.outputs]) graph.output(v);
    const before = interfaceOf(graph);
    expect(convertFloat16.run(graph)).toEqual({
      applied: 1,
      skipped: [{ node: "neg", reason: "the type of 'neg' is not known" }],
    });
    expect(graph.nodes.map((n) => n.op)).toEqual(["Cast", "MaxPool", "Cast", "Neg"]);
    expectSound(graph, before);
  });

  test("is registered apart from the passes that keep the numbers", () => {
    expect(conversions).toContain(convertFloat16);
  });
});

const isFloat32 = (v: Value | null): boolean => v?.type?.kind === "tensor" && v.type.dtype === "float32";
/** Nodes that compute: neither a Cast nor something that hands numbers on. */
const computing = (graph: Graph): readonly Node[] =>
  graph.nodes.filter((n) => !/^(Cast|Reshape|Flatten|Transpose|Identity)$/.test(n.op));

test.each(backbones)("$name in float16 is valid, and only sums stay float32", async ({ name, load }) => {
  const { graph } = buildModel(name, await load(), { fold: false });
  const [before, operators] = [interfaceOf(graph), computing(graph).map((n) => n.op)];
  convertFloat16.run(graph);
  expectSound(graph, before);
  expect(computing(graph).map((n) => n.op)).toEqual(operators);
  const inFloat32 = computing(graph).filter((n) => [...n.inputs, ...n.outputs].some(isFloat32));
  const sums = computing(graph).filter((n) => /^(GlobalAveragePool|ReduceMean|LRN)$/.test(n.op));
  expect(inFloat32.map((n) => n.name)).toEqual(sums.map((n) => n.name));
});

test("a float16 build says of itself what the float32 one does", () => {
  const options = { exposeGates: true, se: { r: 4 } };
  const [wide, narrow] = (["fp32", "fp16"] as const).map((dtype) => buildModel("n", resnet18, { ...options, dtype }));
  expect(interfaceOf(narrow!.graph)).toEqual(interfaceOf(wide!.graph));
  expect(narrow!.graph.outputs).toHaveLength(9);
  expect(narrow!.graph.metadata).toEqual(wide!.graph.metadata);
  for (const key of ["parameters", "seParameters", "macs", "seMacs"] as const) expect(narrow![key]).toBe(wide![key]);
});

describe("in ONNX Runtime", () => {
  const [n, size, classes] = [2, 64, 50];
  const pixels = Float32Array.from({ length: n * 3 * size * size }, (_, i) => Math.sin(i * i * 0.37));
  const logits = async (options: BuildOptions): Promise<Float32Array> => {
    const { graph } = buildModel("resnet18", resnet18, { inputSize: size, classes, ...options });
    const session = await InferenceSession.create(await encodeToBytes(graph), {
      graphOptimizationLevel: "disabled", // rounded after every node, as a device with float16 units would
    });
    const input = new OrtTensor("float32", pixels, [n, 3, size, size]);
    const output = (await session.run({ input })).logits;
    await session.release();
    expect(output?.type).toBe("float32");
    return output?.data as Float32Array;
  };

  test.each([
    { fold: true },
    { fold: false },
    { fold: false, opset: 13 },
    { se: { block: squeezeExciteConv, bias: true } },
    { se: null },
  ] as const)("SE-ResNet-18 with %o gives the logits of float32 within 5e-3 of the largest", async (options) => {
    const expected = await logits(options);
    const actual = await logits({ ...options, dtype: "fp16" });
    const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const error = actual.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!)), 0) / scale;
    expect(error).toBeLessThan(5e-3);
    expect(error).toBeGreaterThan(1e-6); // it did compute in float16
  });

  test("the squeeze of large maps is as exact as in float32", async () => {
    const graph = new Graph("g");
    const x = graph.input("x", f32(1, 1, 256, 256));
    const one = graph.constant("one", float32s([1], []));
    graph.output(mul(globalAveragePool(mul(x, one)), one), "mean");
    convertFloat16.run(graph);
    const type = graph.nodes.find((node) => node.op === "GlobalAveragePool")?.inputs[0]?.type ?? null;
    expect(isRanked(type) && type.dtype).toBe("float32");
    const session = await InferenceSession.create(await encodeToBytes(graph));
    const data = new Float32Array(65536).fill(30); // their sum is 2 million, beyond float16
    const { mean } = await session.run({ x: new OrtTensor("float32", data, [1, 1, 256, 256]) });
    await session.release();
    expect(mean?.data).toEqual(Float32Array.of(30));
  });
});
