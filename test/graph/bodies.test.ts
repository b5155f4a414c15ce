import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import type { Attribute } from "../../src/graph/attribute.js";
import { check } from "../../src/graph/check.js";
import { Graph } from "../../src/graph/graph.js";
import { type Pass, runPass } from "../../src/graph/pass.js";
import { convertFloat16 } from "../../src/graph/passes/convert-float16.js";
import { gateToKernel } from "../../src/graph/passes/gate-to-kernel.js";
import { inlineFunctions } from "../../src/graph/passes/inline-functions.js";
import { poolToMean } from "../../src/graph/passes/pool-to-mean.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { simplifyViews } from "../../src/graph/passes/simplify-views.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { allPasses, targets } from "../../src/graph/targets.js";
import { int64s } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";
import { optimize } from "../../src/optimize.js";
import { feedsFor, relativeDifference, runOnnx } from "./onnx-runtime.js";
import { randomGraph } from "./random-graph.js";
import { inFunction, inIf } from "./wrap.js";

const GRAPHS = 12;
const goldens = new URL("goldens/exported-se/", import.meta.url);
const files = readdirSync(goldens);
const golden = (name: string): Promise<Graph> => decode(readFileSync(new URL(name, goldens)));
/** As a file has it: decoded, so that nothing is shared. */
const reread = async (graph: Graph): Promise<Graph> => decode(await encodeToBytes(graph));
const cpu = targets.find((t) => t.name === "cpu")!.passes;
const exact = allPasses.filter((p) => p !== convertFloat16);
const outputsOf = (graph: Graph) => runOnnx(graph, feedsFor(graph));

/** Runs the passes on the graph, and says how far its outputs are off then. */
async function off(graph: Graph, passes: readonly Pass[] = exact) {
  const before = await outputsOf(graph);
  const report = optimize(graph, passes);
  expect(check(graph)).toEqual([]);
  return { report, off: relativeDifference(before, await outputsOf(graph)) };
}
const appliedBy = ({ passes }: { passes: readonly { name: string; applied: number }[] }, name: string): number =>
  passes.find((p) => p.name === name)?.applied ?? 0;

describe.each(files)("a block as %s has it", (name) => {
  test("is found and rewritten in both bodies of an If", async () => {
    const graph = await reread(inIf(await golden(name)));
    expect(findSqueezeExcite(graph)).toHaveLength(2);
    const { report, off: far } = await off(graph, cpu);
    expect(far).toBeLessThan(1e-5);
    expect(report.before.squeezeExcites).toBe(2);
    expect(findSqueezeExcite(graph).map((b) => [b.form, b.scale.graph.name])).toEqual([
      ["conv", "then"],
      ["conv", "else"],
    ]);
  });

  test("is found where a function is called to which its weights are given", async () => {
    const graph = await reread(inFunction(await golden(name), "given"));
    const { report, off: far } = await off(graph, cpu);
    expect(far).toBeLessThan(1e-5);
    expect(appliedBy(report, "inline-functions")).toBe(2);
    expect(graph.functions).toEqual([]);
    expect(report.after.squeezeExcites).toBe(2);
  });
});

test("a block is rewritten wherever the body of an If begins", async () => {
  const whole = await golden("view-expand.onnx");
  for (let before = 1; before < whole.nodes.length; before++) {
    const graph = await reread(inIf(await golden("view-expand.onnx"), before));
    const { report, off: far } = await off(graph, cpu);
    expect([before, far]).toEqual([before, Math.min(far, 1e-5)]);
    expect([before, report.after.squeezeExcites]).toEqual([before, 2]);
  }
});

test(`${GRAPHS} random graphs keep their outputs through all passes, in bodies, in part of them, and in functions`, {
  timeout: 240_000,
}, async () => {
  const counts = new Map(exact.map((p) => [p.name, 0]));
  for (let seed = 1; seed <= GRAPHS; seed++) {
    const { nodes } = randomGraph(seed);
    const wrapped = [
      inIf(randomGraph(seed)),
      inIf(randomGraph(seed), 1 + ((seed * 7) % (nodes.length - 1))),
      ...(seed % 2 ? [] : [inFunction(randomGraph(seed), seed % 4 ? "own" : "given")]),
    ];
    for (const [kind, made] of wrapped.entries()) {
      const bytes = await encodeToBytes(made);
      const graph = await decode(bytes);
      const { report, off: far } = await off(graph);
      expect([seed, kind, far]).toEqual([seed, kind, Math.min(far, 1e-4)]);
      for (const { name, applied } of report.passes) counts.set(name, (counts.get(name) ?? 0) + applied);
    }
  }
  console.log([...counts].map(([name, n]) => `${name}: applied ${n} times`).join("\n"));
  const never = [...counts].filter(([, n]) => n === 0).map(([name]) => name);
  expect(never).toEqual([gateToKernel.name, poolToMean.name]); // passes for other targets, which come before them, take every gate and every pool
});

describe("inline-functions", () => {
  /** x -> Scale -> y, where Scale(x, alpha) is LeakyRelu with the caller's alpha, by way of another function where told so. */
  function scaling({ opset = 18, alpha = true, calls = ["LeakyRelu"], twins = 1 } = {}): Graph {
    const graph = new Graph("g", { opset: 18 });
    graph.opsets.set("f", 1);
    for (const [i, op] of calls.entries()) {
      const body = new Graph(`F${i}`, { opset });
      body.opsets.set("f", 1);
      const isCall = op.startsWith("F");
      const { outputs } = body.add({
        op,
        domain: isCall ? "f" : "",
        name: "inner",
        inputs: [body.input("in", null)],
        attributes: { alpha: { kind: "reference", to: "alpha", of: "float" } },
        outputs: [{ name: "out", type: null }],
      });
      body.output(outputs[0]!);
      for (let n = 0; n < twins; n++) graph.functions.push({ domain: "f", name: `F${i}`, body, kept: [] });
    }
    const call = graph.add({
      op: "F0",
      domain: "f",
      name: "call",
      inputs: [graph.input("x", f32(2, 3))],
      attributes: alpha ? { alpha: { kind: "float", value: 0.25 } } : {},
      outputs: [{ name: "y", type: f32(2, 3) }],
    });
    graph.output(call.outputs[0]!);
    return graph;
  }

  test("hands the caller's attributes on, through a function that calls another", async () => {
    const graph = scaling({ calls: ["F1", "LeakyRelu"] });
    const { off: far } = await off(graph, [inlineFunctions, removeDeadCode]);
    expect(far).toBe(0);
    expect(graph.nodes.map((n) => [n.op, n.attributes])).toEqual([
      ["LeakyRelu", { alpha: { kind: "float", value: 0.25 } }],
    ]);
    expect([graph.outputs[0]?.name, graph.functions]).toEqual(["y", []]);
  });

  test.each([
    ["of another opset", { opset: 14 }, "the function 'F0' is of opset 14 of 'ai.onnx', and the model of 18"],
    ["with an attribute left to it", { alpha: false }, "it leaves the attribute 'alpha' to the function 'F0'"],
    ["that calls itself", { calls: ["F1", "F0"] }, "the function 'F0' calls itself"],
    ["that shares its name", { twins: 2 }, "more than one function has its name"],
  ])("leaves a function alone %s", (_, how, reason) => {
    const graph = scaling(how);
    const count = graph.functions.length;
    expect(runPass(inlineFunctions, graph)).toEqual({ applied: 0, skipped: [{ node: "call", reason }] });
    runPass(removeDeadCode, graph);
    expect(graph.functions).toHaveLength(count);
  });

  test("leaves functions alone that double at each of 60 steps", () => {
    const graph = scaling({ calls: [...Array.from({ length: 60 }, (_, i) => `F${i + 1}`), "LeakyRelu"] });
    for (const { body } of graph.functions.slice(0, -1)) {
      const [node] = body.nodes;
      body.add({ ...node!, outputs: [{ name: "again", type: null }] });
    }
    const { applied, skipped } = runPass(inlineFunctions, graph);
    expect(applied).toBe(0);
    expect(skipped).toEqual([{ node: "call", reason: "the model would come to more than 100000 nodes" }]);
  });

  test("gives what a function hands on, and a constant that it makes, nodes where callers know their names", () => {
    const graph = new Graph("g", { opset: 18 });
    graph.opsets.set("f", 1);
    const body = new Graph("Two", { opset: 18 });
    body.output(body.input("in", null));
    const value: Attribute = { kind: "reference", to: "value", of: "floats" };
    const outputs = [{ name: "made", type: null }];
    body.output(
      body.add({ op: "Constant", name: "c", inputs: [], attributes: { value_floats: value }, outputs }).outputs[0]!,
    );
    graph.functions.push({ domain: "f", name: "Two", body, kept: [] });
    const call = graph.add({
      op: "Two",
      domain: "f",
      name: "call",
      inputs: [graph.input("x", f32(2))],
      attributes: { value: { kind: "floats", value: [1, 2] } },
      outputs: ["y", "z"].map((name) => ({ name, type: f32(2) })),
    });
    for (const v of call.outputs) graph.output(v);
    optimize(graph, [inlineFunctions, removeDeadCode]);
    expect(check(graph)).toEqual([]);
    expect(graph.outputs.map((v) => [v.name, v.producer?.op])).toEqual([
      ["y", "Identity"],
      ["z", "Constant"],
    ]);
  });
});

test("what is left in a body is named after it, and --explain's reason says why", async () => {
  const graph = await reread(inIf(await golden("avg-pool.onnx")));
  const { passes } = optimize(graph, targets.find((t) => t.name === "ort-cpu")!.passes);
  const reasons = passes.find((p) => p.name === "block-layout")!.skipped.map((s) => `${s.node}: ${s.reason}`);
  expect(reasons.slice(1)).toEqual([
    "then/then: it is the body of an operator, and takes and gives plain maps",
    "else/else: it is the body of an operator, and takes and gives plain maps",
  ]);
});

test("shapes that a Loop's body or the graph around it is declared to have are not built on", () => {
  const graph = new Graph("g", { opset: 18 });
  const x = graph.input("x", f32(4));
  const unknown = graph.add({ op: "Strange", name: "", inputs: [x], outputs: [{ name: "s", type: f32(2, 2) }] });
  const body = new Graph("body", { parent: graph });
  const given = body.input("given", f32(2, 2));
  for (const v of [given, unknown.outputs[0]!]) {
    const made = body.add({
      op: "Reshape",
      name: `shaped ${v.name}`,
      inputs: [v, body.constant("shape", int64s([2, 2]))],
      outputs: [{ name: `r ${v.name}`, type: null }],
    });
    body.output(
      body.add({ op: "Relu", name: "", inputs: made.outputs, outputs: [{ name: "o", type: null }] }).outputs[0]!,
    );
  }
  simplifyViews.run(body);
  expect(body.nodes.map((n) => n.op)).toEqual(["Reshape", "Relu", "Reshape", "Relu"]);
  expect(given.type).toEqual(f32(2, 2));
});
