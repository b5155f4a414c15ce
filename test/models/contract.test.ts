// What every backbone of the registry must be, new ones included.
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import type { Architecture } from "../../models/architecture.js";
import { exposeGates } from "../../models/expose-gates.js";
import { backbones } from "../../models/index.js";
import { buildNetwork } from "../../models/network.js";
import { type BuildOptions, buildModel } from "../../src/build.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { check } from "../../src/graph/check.js";
import type { Graph } from "../../src/graph/graph.js";
import { passes } from "../../src/graph/passes/index.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { isRanked } from "../../src/graph/type.js";
import { isVariant } from "./variants.js";

/** Names that are built as another network is, with other defaults for SE: run once, under the other name. */
const ALIASES = new Set(["seresnet", "legacy-seresnet"]);
/** float32 rounding in another order of operations, relative to the largest output. */
const ROUNDING = 1e-4;

const placesOf = ({ places = ["standard"] }: Architecture): readonly string[] => places;

describe.each(backbones)("$name", ({ name, load, family }) => {
  test("has SE that the output depends on, in every place", async () => {
    const architecture = await load();
    for (const where of placesOf(architecture)) {
      const { graph, se, parameters } = buildNetwork(name, architecture, { se: { where } });
      const before = graph.nodes.length;
      removeDeadCode.run(graph);
      expect(graph.nodes.length).toBe(before);
      expect(se!.blocks.length).toBeGreaterThan(0);
      for (const { path, gate } of se!.blocks) {
        expect(gate.uses.length, path).toBeGreaterThan(0);
        expect(
          parameters.some((p) => p.key.startsWith(`${path}.`)),
          path,
        ).toBe(true);
      }
      expect(new Set(se!.blocks.map((b) => b.path)).size).toBe(se!.blocks.length);
    }
  });

  test("is its plain network and SE's own parameters", async () => {
    const architecture = await load();
    const { parameters, se } = buildNetwork(name, architecture);
    const plain = buildNetwork(name, architecture, { se: null }).parameters;
    const within = (key: string): boolean => se!.blocks.some(({ path }) => key.startsWith(`${path}.`));
    expect(parameters.filter((p) => !within(p.key)).map((p) => p.key)).toEqual(plain.map((p) => p.key));
  });

  test("has SE in each of its stages, and in no other place when only that stage is asked for", async () => {
    const architecture = await load();
    const all = buildNetwork(name, architecture).se!.blocks.map((b) => b.path);
    const each = architecture.stages.flatMap((stage) =>
      buildNetwork(name, architecture, { se: { stages: [stage] } }).se!.blocks.map((b) => b.path),
    );
    expect(each.toSorted()).toEqual(all.toSorted());
  });

  test.each([13, 18, 23])("is valid at opset %i, takes its least image and none smaller", async (opset) => {
    const architecture = await load();
    const { min, size } = architecture.input;
    for (const inputSize of [size, min]) {
      const { graph, se } = buildNetwork(name, architecture, { opset, inputSize });
      exposeGates(se!.blocks);
      expect(check(graph)).toEqual([]);
    }
    const smaller = () => buildNetwork(name, architecture, { opset, inputSize: min - 1 });
    expect(smaller).toThrow(
      `an input of ${min - 1}x${min - 1} is too small for ${name}, which needs at least ${min}x${min}`,
    );
  });

  test("ends at the vector that its classifier reads when there are no classes", async () => {
    const architecture = await load();
    const [output] = buildNetwork(name, architecture, { classes: 0 }).graph.outputs;
    expect(output!.name).toBe("embedding");
    const whole = buildNetwork(name, architecture, { classes: 7 });
    const classifier = whole.graph.outputs[0]!.producer!;
    expect([classifier.op, whole.graph.outputs[0]!.type]).toMatchObject(["Gemm", { shape: ["N", 7] }]);
    expect(output!.type).toEqual(classifier.inputs[0]!.type);
  });

  test.skipIf(ALIASES.has(family) || isVariant(name))(
    "runs as its types say, for any batch, and every pass keeps its outputs",
    async () => {
      const architecture = await load();
      const inputSize = architecture.input.min;
      const features = [...featuresOf(name, architecture), "logits"];
      const options: BuildOptions = { inputSize, classes: 10, features, exposeGates: true, fold: false };
      const { graph } = buildModel(name, architecture, options);
      const images = imagesOf(3, inputSize);
      const [three, one] = await runOn(graph, [images, firstOf(images)]);
      for (const output of graph.outputs) {
        const shape = isRanked(output.type) ? output.type.shape : [];
        expect(three![output.name]!.dims, output.name).toEqual(shape.map((d) => (d === "N" ? 3 : d)));
        expect(one![output.name]!.dims, output.name).toEqual(shape.map((d) => (d === "N" ? 1 : d)));
        const alone = floats(one![output.name]!);
        expect(distance(floats(three![output.name]!).subarray(0, alone.length), alone), output.name).toBeLessThan(
          ROUNDING,
        );
      }
      for (const pass of passes) pass.run(graph);
      const [passed] = await runOn(graph, [images]);
      for (const { name: output } of graph.outputs)
        expect(distance(floats(passed![output]!), floats(three![output]!)), output).toBeLessThan(ROUNDING);
    },
  );
});

test("a map of odd length is not halved by means that a shortcut would not follow", async () => {
  const architecture = await backbones.find((b) => b.name === "seresnextaa101d_32x8d")!.load();
  const build = (inputSize: number) => buildNetwork("seresnextaa101d_32x8d", architecture, { inputSize });
  expect(() => build(100)).toThrow(
    "'layer2.0.aa' cannot halve a map of 25x25: choose an input size that is a multiple of 32",
  );
  expect(build(96).graph.outputs[0]!.type).toMatchObject({ shape: ["N", 1000] });
});

/** The names that a message offers are those of the features. */
function featuresOf(name: string, architecture: Architecture): readonly string[] {
  try {
    buildNetwork(name, architecture, { features: [""] });
  } catch (e) {
    return (e as Error).message.split("choose from ")[1]!.split(", ").slice(0, -1);
  }
  throw new Error("a feature without a name was found");
}

type Outputs = Readonly<Record<string, Tensor>>;
async function runOn(graph: Graph, batches: readonly Tensor[]): Promise<readonly Outputs[]> {
  const session = await InferenceSession.create(await encodeToBytes(graph), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1, // other tests have the other cores
  });
  const results: Outputs[] = [];
  for (const input of batches) results.push(await session.run({ input }));
  await session.release();
  return results;
}

/** Waves of several lengths, another for each image and channel. */
function imagesOf(count: number, size: number): Tensor {
  const values = new Float32Array(count * 3 * size * size);
  for (let i = 0; i < values.length; i++) {
    const [plane, row, column] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    values[i] = Math.sin(row * 0.3 + plane) + Math.cos(column * 0.7 * (plane + 1)) + Math.sin((row + column) * 0.05);
  }
  return new Tensor("float32", values, [count, 3, size, size]);
}
const floats = (t: Tensor): Float32Array => t.data as Float32Array; // every output here is float32
const firstOf = (t: Tensor): Tensor =>
  new Tensor("float32", floats(t).subarray(0, t.size / t.dims[0]!), [1, ...t.dims.slice(1)]);

/** The largest difference, in parts of the largest number of `b`; infinite where there is no number. */
function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (!Number.isFinite(a[i]!) || !Number.isFinite(b[i]!)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return difference / (largest || 1);
}
