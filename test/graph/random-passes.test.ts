import { expect, test } from "vitest";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { replace } from "../../src/graph/edit.js";
import type { Graph } from "../../src/graph/graph.js";
import { match } from "../../src/graph/match.js";
import { add } from "../../src/graph/ops/add.js";
import { cast } from "../../src/graph/ops/cast.js";
import { hardSigmoid } from "../../src/graph/ops/hard-sigmoid.js";
import { mul } from "../../src/graph/ops/mul.js";
import { type Pass, rewrite } from "../../src/graph/pass.js";
import { convertFloat16 } from "../../src/graph/passes/convert-float16.js";
import { inlineFunctions } from "../../src/graph/passes/inline-functions.js";
import { recogniseActivations } from "../../src/graph/passes/recognise-activations.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { allPasses } from "../../src/graph/targets.js";
import { show } from "../../src/graph/type.js";
import { optimize } from "../../src/optimize.js";
import { feedsFor, type Ran, relativeDifference, runOnnx } from "./onnx-runtime.js";
import { randomGraph } from "./random-graph.js";

const GRAPHS = 200;
const LEAST = 20;
const TOLERANCE = 1e-4;
/** Every pass that keeps the numbers, but for functions, which these graphs have none of (bodies.test.ts). */
const passes = allPasses.filter((p) => p !== convertFloat16 && p !== inlineFunctions);
/** All the others have places that they must leave alone. */
const NEVER_DECLINE = [removeDeadCode];

const interfaceOf = (graph: Graph): string =>
  [...graph.inputs, ...graph.outputs].map((v) => `${v.name}: ${v.graph.inputs.includes(v) ? show(v.type) : ""}`).join();

interface Sample {
  readonly bytes: Uint8Array;
  readonly expected: Readonly<Record<string, Ran>>;
}
const LENGTHS = { N: 2, A: 2, B: 3 };
const samples = async (count: number): Promise<readonly Sample[]> => {
  const out: Sample[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const graph = randomGraph(seed);
    out.push({ bytes: await encodeToBytes(graph), expected: await runOnnx(graph, feedsFor(graph, LENGTHS)) });
  }
  return out;
};

/** What `run` does to the sample's graph, and how far the outputs are off then. */
async function rewritten({ expected }: Sample, graph: Graph, run: readonly Pass[]) {
  const before = interfaceOf(graph);
  const reports = optimize(graph, run).passes;
  expect(interfaceOf(graph)).toBe(before);
  const applied = reports.reduce((sum, r) => sum + r.applied, 0);
  const off = applied === 0 ? 0 : relativeDifference(expected, await runOnnx(graph, feedsFor(graph, LENGTHS)));
  return { off, reports, applied };
}

test(`${GRAPHS} random graphs keep their outputs through every pass alone and all together`, async () => {
  const counts = new Map(passes.map((p) => [p, { applied: 0, skipped: 0 }]));
  for (const sample of await samples(GRAPHS)) {
    let graph = await decode(sample.bytes);
    for (const pass of passes) {
      const { off, reports, applied } = await rewritten(sample, graph, [pass]);
      const c = counts.get(pass)!;
      c.applied += applied;
      c.skipped += reports[0]!.skipped.length;
      if (applied === 0) continue; // the next pass finds the graph as it was
      expect([pass.name, off]).toEqual([pass.name, Math.min(off, TOLERANCE)]);
      expect([pass.name, pass.run(graph).applied]).toEqual([pass.name, 0]);
      graph = await decode(sample.bytes);
    }
    expect((await rewritten(sample, graph, passes)).off).toBeLessThan(TOLERANCE);
  }
  for (const [{ name }, { applied, skipped }] of counts)
    console.log(`${name}: applied ${applied} times, declined ${skipped}`);
  for (const [pass, { applied, skipped }] of counts) {
    expect([pass.name, applied]).toEqual([pass.name, Math.max(applied, LEAST)]);
    if (!NEVER_DECLINE.includes(pass)) expect([pass.name, skipped]).toEqual([pass.name, Math.max(skipped, LEAST)]);
  }
});

test.each([
  ["takes a Cast out that loses the fractions", rewrite("wrong", cast, ({ x }) => match(cast, x.producer)?.x ?? null)],
  ["multiplies where it was to add", rewrite("wrong", add, ({ a, b, node }) => mul(a, b, { name: node.name }))],
  [
    "takes ONNX's slope for PyTorch's",
    {
      name: "wrong",
      run: (graph) => {
        const report = recogniseActivations.run(graph);
        for (const node of graph.nodes) {
          const found = match(hardSigmoid, node);
          if (found) Object.assign(node, { attributes: {} });
        }
        return report;
      },
    } satisfies Pass,
  ],
  [
    "forgets the epsilon of a normalisation",
    {
      name: "wrong",
      run: (graph) => {
        for (const node of graph.nodes)
          if (node.op === "BatchNormalization")
            Object.assign(node, { attributes: { epsilon: { kind: "float", value: 0.5 } } });
        return { applied: 1, skipped: [] };
      },
    } satisfies Pass,
  ],
  [
    "takes an SE block out",
    {
      name: "wrong",
      run: (graph) => {
        const found = findSqueezeExcite(graph).filter(({ x }) => x.producer);
        for (const { scale, x } of found) replace(scale.outputs[0]!, x);
        return { applied: found.length, skipped: [] };
      },
    } satisfies Pass,
  ],
] as const)("a pass that %s is caught", async (_, wrong) => {
  const off = [];
  for (const sample of await samples(30))
    off.push(
      await rewritten(sample, await decode(sample.bytes), [wrong]).then(
        (r) => r.off,
        () => 1,
      ),
    );
  expect(off.filter((d) => d > TOLERANCE).length).toBeGreaterThan(0);
});
