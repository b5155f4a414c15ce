import { describe, expect, test } from "vitest";
import type { Attribute, Attributes } from "../../src/graph/attribute.js";
import { check } from "../../src/graph/check.js";
import { Graph, type Value } from "../../src/graph/graph.js";
import type { Pass } from "../../src/graph/pass.js";
import { foldConstants } from "../../src/graph/passes/fold-constants.js";
import { recogniseActivations } from "../../src/graph/passes/recognise-activations.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { removeExpand } from "../../src/graph/passes/remove-expand.js";
import { shareConstants } from "../../src/graph/passes/share-constants.js";
import { simplifyCasts } from "../../src/graph/passes/simplify-casts.js";
import { simplifyTransposes } from "../../src/graph/passes/simplify-transposes.js";
import { simplifyViews } from "../../src/graph/passes/simplify-views.js";
import { allPasses, targets } from "../../src/graph/targets.js";
import { float32s, int64s, lazyTensor, type Tensor, tensor } from "../../src/graph/tensor.js";
import { f32, show } from "../../src/graph/type.js";
import { typeOf } from "./calls.js";
import { feedsFor, int64Feed, relativeDifference, runOnnx } from "./onnx-runtime.js";

const int = (value: number): Attribute => ({ kind: "int", value });
const ints = (...value: number[]): Attribute => ({ kind: "ints", value });

/** A graph that is written as a file has it. */
class Sketch {
  readonly graph: Graph;
  readonly x: Value;
  #count = 0;
  constructor(x = "float32[N,4,2,2]", opset = 17) {
    this.graph = new Graph("g", { opset });
    this.x = this.graph.input("x", typeOf(x));
  }
  add(op: string, inputs: readonly (Value | Tensor | number | null)[], attributes: Attributes = {}): Value {
    const values = inputs.map((v) =>
      v === null || (typeof v === "object" && "uses" in v)
        ? v
        : this.graph.constant(`c${this.#count++}`, typeof v === "number" ? float32s([v], []) : v),
    );
    return this.graph.add({
      op,
      name: `${op}${this.#count++}`,
      inputs: values,
      attributes,
      outputs: [{ name: `v${this.#count++}`, type: null }],
    }).outputs[0]!;
  }
  out(v: Value): this {
    this.graph.output(v, `y${this.graph.outputs.length}`);
    return this;
  }
}
const opsOf = (graph: Graph): string[] => graph.nodes.map((n) => n.op);

/** Runs the pass and what tidies behind it; the numbers must stay, and so must the names and types of inputs and outputs. */
async function applies(pass: Pass, { graph }: Sketch, left: readonly string[]): Promise<void> {
  const feeds = feedsFor(graph, { N: 3 });
  const before = await runOnnx(graph, feeds);
  const names = graph.outputs.map((v) => v.name);
  expect(pass.run(graph).applied).toBeGreaterThan(0);
  removeDeadCode.run(graph);
  expect(opsOf(graph)).toEqual(left);
  expect(check(graph)).toEqual([]);
  expect(graph.outputs.map((v) => v.name)).toEqual(names);
  expect(relativeDifference(before, await runOnnx(graph, feeds))).toBeLessThan(1e-6);
}
function declines(pass: Pass, { graph }: Sketch, reason: string | null): void {
  const before = opsOf(graph);
  const { applied, skipped } = pass.run(graph);
  expect(applied).toBe(0);
  expect(skipped.map((s) => s.reason)).toEqual(reason === null ? [] : [reason]);
  expect(opsOf(graph)).toEqual(before);
}

describe("fold-constants", () => {
  test.each([
    ["Add", [float32s([1, 2, 3, 4], [4, 1, 1]), float32s([0.1])], {}],
    ["Sub", [float32s([1, 2]), float32s([0.3, 7])], {}],
    ["Mul", [float32s([0.1, 0.7], [2, 1]), float32s([3, 5])], {}],
    ["Div", [float32s([1, 2]), float32s([3, 7])], {}],
    ["Sqrt", [float32s([2, 3])], {}],
    ["Neg", [float32s([2, -3])], {}],
    ["Floor", [float32s([2.5, -2.5])], {}],
    ["Ceil", [float32s([2.5, -2.5])], {}],
    ["Abs", [float32s([2.5, -2.5])], {}],
    ["Transpose", [float32s([1, 2, 3, 4, 5, 6], [1, 2, 3])], { perm: ints(2, 0, 1) }],
    ["Concat", [float32s([1, 2, 3, 4], [2, 2]), float32s([5, 6], [2, 1])], { axis: int(1) }],
    ["Slice", [float32s([1, 2, 3, 4, 5, 6], [2, 3]), int64s([-1]), int64s([-10]), int64s([1]), int64s([-2])], {}],
    ["Gather", [float32s([1, 2, 3, 4, 5, 6], [2, 3]), int64s([2, -3])], { axis: int(1) }],
    ["Expand", [float32s([1, 2], [2, 1]), int64s([1, 2])], {}],
    ["Expand", [float32s([1, 2], [2, 1]), int64s([3, 1, 2])], {}],
    ["Where", [tensor("bool", [2, 1], Uint8Array.of(1, 0)), float32s([1, 2]), float32s([9], [])], {}],
    ["ConstantOfShape", [int64s([2, 2])], { value: { kind: "tensor", value: float32s([0.5]) } }],
    ["Reshape", [float32s([1, 2, 3, 4]), int64s([2, -1])], {}],
    ["Cast", [int64s([-3, 4])], { to: int(1) }],
  ] as const)("computes %s as ONNX Runtime does", async (op, inputs, attributes) => {
    const s = new Sketch("float32[1]");
    await applies(foldConstants, s.out(s.add("Mul", [s.x, s.add(op, inputs, attributes)])), ["Mul"]);
  });

  test.each([
    ["Add", [int64s([2, -3]), int64s([5], [])]],
    ["Div", [int64s([7, -7]), int64s([2, 2])]],
    ["Equal", [int64s([7, -7]), int64s([7, 2])]],
  ] as const)("computes %s of integers as ONNX Runtime does", async (op, inputs) => {
    const s = new Sketch("float32[1]");
    const found = s.add("Cast", [s.add(op, inputs)], { to: int(1) });
    await applies(foldConstants, s.out(s.add("Mul", [s.x, found])), ["Mul"]);
  });

  test("knows lengths that the input's type tells, and leaves the others to the run", async () => {
    const s = new Sketch();
    const shape = s.add("Shape", [s.x]);
    const area = s.add("Mul", [s.add("Gather", [shape, int64s([2])]), s.add("Gather", [shape, int64s([3])])]);
    s.out(s.add("Div", [s.x, s.add("Cast", [area], { to: int(1) })]));
    await applies(foldConstants, s, ["Div"]);
    const open = new Sketch();
    open.out(open.add("Cast", [open.add("Shape", [open.x])], { to: int(1) }));
    declines(foldConstants, open, null);
  });

  test("gives a long tensor another shape without reading a byte", () => {
    const s = new Sketch("float32[1]");
    const long = lazyTensor(f32(512, 512), () => Promise.reject(new Error("a byte was read")));
    s.out(s.add("Mul", [s.x, s.add("Reshape", [long, int64s([-1, 1])])]));
    expect(foldConstants.run(s.graph)).toEqual({ applied: 1, skipped: [] });
    expect(show(s.graph.nodes[0]!.inputs[1]!.type)).toBe("float32[262144,1]");
  });

  test("says what it does not compute", () => {
    const of = (make: (s: Sketch) => Value): Sketch => {
      const s = new Sketch("float32[1]");
      return s.out(s.add("Mul", [s.x, make(s)]));
    };
    const long = lazyTensor(f32(20_000), () => Promise.reject(new Error("a byte was read")));
    declines(
      foldConstants,
      of((s) => s.add("Sin", [float32s([1])])),
      "Sin is not computed here",
    );
    declines(
      foldConstants,
      of((s) => s.add("Neg", [long])),
      "a tensor of 80000 bytes is too long to be computed here: up to 65536 are",
    );
    const expanded = of((s) => s.add("Expand", [1, int64s([20_000])]));
    declines(foldConstants, expanded, "a tensor of 80000 bytes is too long to be computed here: up to 65536 are");
    const big = tensor("int64", [1], new Uint8Array(BigInt64Array.of(2n ** 62n).buffer));
    const s = new Sketch("int64[1]");
    declines(foldConstants, s.out(s.add("Mul", [s.x, s.add("Add", [big, big])])), "Add on int64 is not computed here");
    const named = new Sketch();
    declines(foldConstants, named.out(named.add("Neg", [1])), "'y0' is an output of 'g', which a node must make");
  });
});

test("share-constants keeps one of each, and those of other types or bytes", () => {
  const s = new Sketch("float32[2]");
  const sum = (...tensors: Tensor[]): Value => tensors.reduce<Value>((v, t) => s.add("Add", [v, t]), s.x);
  s.out(sum(float32s([1, 2]), float32s([1, 2]), float32s([1, 3]), float32s([1, 2], [1, 2])));
  s.graph.output(s.graph.constant("public", float32s([1, 2])));
  const { applied, skipped } = shareConstants.run(s.graph);
  expect(applied).toBe(1);
  expect(skipped).toEqual([{ node: "public", reason: "'public' is an output, which has a name of its own" }]);
  expect(s.graph.constants).toHaveLength(4);
});

describe("simplify-views", () => {
  test.each([
    [
      "views in a row",
      (s: Sketch) => s.add("Relu", [s.add("Reshape", [s.add("Flatten", [s.x]), int64s([0, 2, -1])])]),
      ["Reshape", "Relu"],
    ],
    [
      "there and back",
      (s: Sketch) => s.add("Relu", [s.add("Reshape", [s.add("Flatten", [s.x]), int64s([-1, 4, 2, 2])])]),
      ["Relu"],
    ],
    [
      "there and back, one by one",
      (s: Sketch) => s.add("Relu", [s.add("Squeeze", [s.add("Unsqueeze", [s.x, int64s([1])]), int64s([1])])]),
      ["Relu"],
    ],
    [
      "an output",
      (s: Sketch) => s.add("Squeeze", [s.add("Unsqueeze", [s.add("Relu", [s.x]), int64s([1])]), int64s([1])]),
      ["Relu"],
    ],
    [
      "a shape that is computed",
      (s: Sketch) => {
        const n = s.add("Unsqueeze", [s.add("Gather", [s.add("Shape", [s.x]), int64s([0], [])]), int64s([0])]);
        return s.add("Reshape", [s.x, s.add("Concat", [n, int64s([-1])], { axis: int(0) })]);
      },
      ["Reshape"],
    ],
  ] as const)("%s", async (_, make, left) => {
    const s = new Sketch();
    await applies(simplifyViews, s.out(make(s)), left);
  });

  test("keeps what only the run knows, and what stands between two names", () => {
    const open = new Sketch("float32[N,M]");
    declines(
      simplifyViews,
      open.out(open.add("Reshape", [open.x, open.add("Shape", [open.add("Transpose", [open.x])])])),
      "'y0' is float32[M,N]: more than one length is known only at run time",
    );
    const named = new Sketch();
    declines(
      simplifyViews,
      named.out(named.add("Reshape", [named.x, int64s([0, 4, 2, 2])])),
      "'x' and the output 'y0' are both names that callers know",
    );
    const plain = new Sketch();
    declines(simplifyViews, plain.out(plain.add("Flatten", [plain.x])), null);
  });
});

describe("simplify-transposes and simplify-casts", () => {
  const turn = (s: Sketch, v: Value, ...perm: number[]): Value =>
    s.add("Transpose", [v], perm.length ? { perm: ints(...perm) } : {});
  const cast = (s: Sketch, v: Value, to: number): Value => s.add("Cast", [v], { to: int(to) });
  test.each([
    ["one of two", simplifyTransposes, (s: Sketch) => turn(s, turn(s, s.x, 0, 2, 3, 1), 0, 2, 3, 1), ["Transpose"]],
    [
      "none of two",
      simplifyTransposes,
      (s: Sketch) => s.add("Relu", [turn(s, turn(s, s.x, 0, 2, 3, 1), 0, 3, 1, 2)]),
      ["Relu"],
    ],
    [
      "none of two that turn round",
      simplifyTransposes,
      (s: Sketch) => s.add("Relu", [turn(s, turn(s, s.x))]),
      ["Relu"],
    ],
    [
      "none of one that changes nothing",
      simplifyTransposes,
      (s: Sketch) => s.add("Relu", [turn(s, s.x, 0, 1, 2, 3)]),
      ["Relu"],
    ],
    ["no Cast to the same type", simplifyCasts, (s: Sketch) => s.add("Relu", [cast(s, s.x, 1)]), ["Relu"]],
    ["no Cast there and back", simplifyCasts, (s: Sketch) => s.add("Relu", [cast(s, cast(s, s.x, 11), 1)]), ["Relu"]],
    ["one Cast of two", simplifyCasts, (s: Sketch) => cast(s, cast(s, s.x, 11), 7), ["Cast"]],
  ] as const)("leaves %s", async (_, pass, make, left) => {
    const s = new Sketch();
    await applies(pass, s.out(make(s)), left);
  });
  test("a Cast that loses digits stays", () => {
    const s = new Sketch();
    declines(simplifyCasts, s.out(cast(s, cast(s, s.x, 7), 1)), "int64 does not hold every number of float32");
  });
  test("a Transpose between two names stays", () => {
    const s = new Sketch();
    declines(
      simplifyTransposes,
      s.out(turn(s, s.x, 0, 1, 2, 3)),
      "'x' and the output 'y0' are both names that callers know",
    );
  });
});

describe("remove-expand", () => {
  const gate = float32s([1, 2, 3, 4], [4, 1, 1]);
  test("lets the product broadcast", async () => {
    const s = new Sketch();
    await applies(removeExpand, s.out(s.add("Mul", [s.add("Expand", [gate, s.add("Shape", [s.x])]), s.x])), ["Mul"]);
  });
  test("keeps one that makes the product longer", () => {
    const s = new Sketch("float32[4,1,1]");
    declines(
      removeExpand,
      s.out(s.add("Mul", [s.x, s.add("Expand", [gate, int64s([2, 4, 3, 3])])])),
      "'v3' is float32[2,4,3,3] and 'x' float32[4,1,1]: not known to be of one shape",
    );
  });
});

describe("recognise-activations", () => {
  const clip = (s: Sketch, v: Value, low = 0, high = 6): Value => s.add("Clip", [v, low, high]);
  const ramp = (s: Sketch): Value => s.add("Div", [clip(s, s.add("Add", [s.x, 3])), 6]);
  test.each([
    ["Clip(x + 3, 0, 6) / 6", ramp, ["HardSigmoid"]],
    [
      "Clip(x / 6 + 0.5, 0, 1)",
      (s: Sketch) => clip(s, s.add("Add", [s.add("Div", [s.x, 6]), 0.5]), 0, 1),
      ["HardSigmoid"],
    ],
    [
      "Clip(0.2 x + 0.5, 0, 1)",
      (s: Sketch) => clip(s, s.add("Add", [0.5, s.add("Mul", [0.2, s.x])]), 0, 1),
      ["HardSigmoid"],
    ],
    ["x Clip(x + 3, 0, 6) / 6", (s: Sketch) => s.add("Mul", [s.x, ramp(s)]), ["HardSwish"]],
    [
      "(Clip(3 + x, 0, 6) x) / 6",
      (s: Sketch) => s.add("Div", [s.add("Mul", [clip(s, s.add("Add", [3, s.x])), s.x]), 6]),
      ["HardSwish"],
    ],
    [
      "x Clip(x + 3, 0, 6) (1 / 6)",
      (s: Sketch) => s.add("Mul", [s.add("Mul", [s.x, clip(s, s.add("Add", [s.x, 3]))]), 1 / 6]),
      ["HardSwish"],
    ],
  ] as const)("%s", async (_, make, left) => {
    const s = new Sketch();
    await applies(recogniseActivations, s.out(make(s)), left);
  });

  test("limits that are attributes, below opset 11, and no HardSwish below 14", async () => {
    const s = new Sketch("float32[N,4,2,2]", 10);
    const limits: Attributes = { min: { kind: "float", value: 0 }, max: { kind: "float", value: 6 } };
    s.out(s.add("Div", [s.add("Mul", [s.x, s.add("Clip", [s.add("Add", [s.x, 3])], limits)]), 6]));
    await applies(recogniseActivations, s, ["HardSigmoid", "Mul"]);
    declines(recogniseActivations, s, "HardSwish needs opset 14");
  });

  test.each([
    ["ReLU6", (s: Sketch) => clip(s, s.x)],
    ["a ramp that falls", (s: Sketch) => clip(s, s.add("Add", [s.add("Mul", [s.x, -1]), 0.5]), 0, 1)],
    ["a ramp to 1.5", (s: Sketch) => s.add("Div", [clip(s, s.add("Add", [s.x, 3])), 4])],
    ["SiLU", (s: Sketch) => s.add("Mul", [s.x, s.add("Sigmoid", [s.x])])],
    [
      "shifts that differ from channel to channel",
      (s: Sketch) => s.add("Div", [clip(s, s.add("Add", [s.x, float32s([3, 3, 3, 2], [4, 1, 1])])), 6]),
    ],
  ] as const)("leaves %s as it is", (_, make) => {
    const s = new Sketch();
    s.out(make(s));
    const before = opsOf(s.graph);
    recogniseActivations.run(s.graph);
    removeDeadCode.run(s.graph);
    const ramps = opsOf(s.graph).filter((op) => op === "HardSwish");
    expect([ramps, before.includes("Clip") || before.includes("Sigmoid")]).toEqual([[], true]);
  });

  test("x times the ramp of something else is no HardSwish", async () => {
    const s = new Sketch();
    s.out(s.add("Mul", [s.add("Relu", [s.x]), ramp(s)]));
    await applies(recogniseActivations, s, ["Relu", "HardSigmoid", "Mul"]);
  });
});

test("no pass builds on what a file only declares: tools that open the batch leave the old one behind", async () => {
  const stale = (): Sketch => {
    const s = new Sketch();
    const shape = s.graph.input("shape", typeOf("int64[2]"));
    const row = s.add("Reshape", [s.x, shape]);
    const wide = s.add("Expand", [float32s([1], [1, 1]), s.add("Shape", [row])]);
    return s.out(s.add("Mul", [s.add("Reshape", [s.add("Mul", [row, wide]), s.add("Shape", [row])]), 2]));
  };
  for (const pass of [foldConstants, simplifyViews, removeExpand]) {
    const s = stale();
    for (const node of s.graph.nodes)
      if (["Reshape", "Mul"].includes(node.op)) Object.assign(node.outputs[0]!, { type: f32(1, 16) }); // as such files have it
    const feeds = { ...feedsFor(s.graph, { N: 3 }), shape: int64Feed(3, 16) };
    const before = await runOnnx(s.graph, feeds);
    pass.run(s.graph);
    removeDeadCode.run(s.graph);
    expect(relativeDifference(before, await runOnnx(s.graph, feeds))).toBeLessThan(1e-6);
  }
});

test("targets name their passes once each, and every pass has a name of its own", () => {
  expect(new Set(targets.map((t) => t.name)).size).toBe(targets.length);
  for (const { passes } of targets) expect(new Set(passes).size).toBe(passes.length);
  expect(new Set(allPasses.map((p) => p.name)).size).toBe(allPasses.length);
  expect(targets.flatMap((t) => t.passes.map((p) => p.name))).not.toContain("convert-float16");
});
