import { expect, test } from "vitest";
import { decode } from "../../src/export/decode.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { check } from "../../src/graph/check.js";
import type { Graph } from "../../src/graph/graph.js";
import { match } from "../../src/graph/match.js";
import { add } from "../../src/graph/ops/add.js";
import { hardSigmoid } from "../../src/graph/ops/hard-sigmoid.js";
import { mul } from "../../src/graph/ops/mul.js";
import { transpose } from "../../src/graph/ops/transpose.js";
import { type Pass, rewrite } from "../../src/graph/pass.js";
import { foldBatchNorm } from "../../src/graph/passes/fold-batch-norm.js";
import { foldConstants } from "../../src/graph/passes/fold-constants.js";
import { recogniseActivations } from "../../src/graph/passes/recognise-activations.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { removeExpand } from "../../src/graph/passes/remove-expand.js";
import { removeIdentity } from "../../src/graph/passes/remove-identity.js";
import { shareConstants } from "../../src/graph/passes/share-constants.js";
import { simplifyCasts } from "../../src/graph/passes/simplify-casts.js";
import { simplifyTransposes } from "../../src/graph/passes/simplify-transposes.js";
import { simplifyViews } from "../../src/graph/passes/simplify-views.js";
import { show } from "../../src/graph/type.js";
import { feedsFor, type Ran, relativeDifference, runOnnx } from "./onnx-runtime.js";
import { randomGraph } from "./random-graph.js";

const GRAPHS = 200;
const LEAST = 20;
const TOLERANCE = 1e-5;
const passes: readonly Pass[] = [
  removeIdentity,
  foldConstants,
  simplifyCasts,
  simplifyTransposes,
  simplifyViews,
  removeExpand,
  recogniseActivations,
  foldBatchNorm,
  removeDeadCode,
  shareConstants,
];
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

/** How far the outputs are off once `run` has edited the graph. */
async function difference({ bytes, expected }: Sample, run: (graph: Graph) => number): Promise<number> {
  const graph = await decode(bytes);
  const before = interfaceOf(graph);
  const applied = run(graph);
  expect(check(graph)).toEqual([]);
  expect(interfaceOf(graph)).toBe(before);
  return applied === 0 ? 0 : relativeDifference(expected, await runOnnx(graph, feedsFor(graph, LENGTHS)));
}

test(`${GRAPHS} random graphs keep their outputs through every pass alone and all together`, {
  timeout: 240_000,
}, async () => {
  const counts = new Map(passes.map((p) => [p, { applied: 0, skipped: 0 }]));
  for (const sample of await samples(GRAPHS)) {
    for (const pass of passes) {
      const off = await difference(sample, (graph) => {
        const { applied, skipped } = pass.run(graph);
        const c = counts.get(pass)!;
        c.applied += applied;
        c.skipped += skipped.length;
        expect(pass.run(graph).applied).toBe(0);
        return applied;
      });
      expect([pass.name, off]).toEqual([pass.name, Math.min(off, TOLERANCE)]);
    }
    const off = await difference(sample, (graph) => passes.reduce((sum, pass) => sum + pass.run(graph).applied, 0));
    expect(off).toBeLessThan(TOLERANCE);
  }
  for (const [{ name }, { applied, skipped }] of counts)
    console.log(`${name}: applied ${applied} times, declined ${skipped}`);
  for (const [pass, { applied, skipped }] of counts) {
    expect([pass.name, applied]).toEqual([pass.name, Math.max(applied, LEAST)]);
    if (!NEVER_DECLINE.includes(pass)) expect([pass.name, skipped]).toEqual([pass.name, Math.max(skipped, LEAST)]);
  }
});

test.each([
  [
    "takes every transposition out where the next one is not its inverse",
    rewrite("wrong", transpose, ({ x, output, attrs }) =>
      show(x.type) === show(output.type) && attrs.perm?.[0] !== 0 ? x : null,
    ),
  ],
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
] as const)("a pass that %s is caught", async (_, wrong) => {
  const off = [];
  for (const sample of await samples(30))
    off.push(await difference(sample, (graph) => wrong.run(graph).applied).catch(() => 1));
  expect(off.filter((d) => d > TOLERANCE).length).toBeGreaterThan(0);
});
