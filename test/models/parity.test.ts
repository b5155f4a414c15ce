import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { blocks, excitations, squeezes } from "../../models/attention/index.js";
import { backbones } from "../../models/index.js";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import type { SePlan } from "../../models/plan.js";
import { type BuiltModel, buildModel } from "../../src/build.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { replace } from "../../src/graph/edit.js";
import { choose } from "../../src/graph/error.js";
import { images, type Recipe, weightsOf } from "./recipe.js";

/** What parity/golden.py wrote: weights as a recipe, and PyTorch's logits of them. */
interface Golden extends Recipe {
  readonly backbone: string;
  /** Options of `se-onnx build` by name; nothing is the family's own choice. */
  readonly plan: Pick<SePlan, "r" | "bias" | "stages" | "where"> & {
    readonly squeeze?: string;
    readonly excitation?: string;
    readonly block?: string;
  };
  readonly classes: number;
  readonly input: { readonly count: number; readonly size: number; readonly seed: number };
  readonly sha256: { readonly weights: string; readonly images: string };
  readonly logits: readonly number[];
}
const folder = new URL("goldens/parity/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(".json", ""));
const read = (name: string): Golden => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));

async function network({ backbone, plan, classes, input }: Golden) {
  const { squeeze, excitation, block, ...rest } = plan;
  const se: SePlan = {
    ...rest,
    ...(squeeze && { squeeze: choose("squeeze", squeeze, squeezes).squeeze }),
    ...(excitation && { excitation: choose("excitation", excitation, excitations).excitation }),
    ...(block && { block: choose("block", block, blocks).block }),
  };
  const options: NetworkOptions = { se, classes, inputSize: input.size, batch: input.count };
  const architecture = await choose("backbone", backbone, backbones).load();
  return { architecture, options, parameters: buildNetwork(backbone, architecture, options).parameters };
}

async function build(golden: Golden): Promise<BuiltModel> {
  const { architecture, options, parameters } = await network(golden);
  return buildModel(golden.backbone, architecture, { ...options, weights: weightsOf(golden, parameters) });
}

/** max|ours - PyTorch's| / max|PyTorch's| of the logits. */
async function relativeError({ graph }: BuiltModel, { input, logits }: Golden): Promise<number> {
  const session = await InferenceSession.create(await encodeToBytes(graph), { intraOpNumThreads: 1 });
  try {
    const data = images(input.count, 3, input.size, input.seed);
    const x = new Tensor("float32", data, [input.count, 3, input.size, input.size]);
    const { logits: found } = await session.run({ input: x });
    const ours = found?.data;
    if (!(ours instanceof Float32Array) || ours.length !== logits.length)
      throw new Error("the logits are of another shape");
    const difference = Math.max(...logits.map((y, i) => Math.abs((ours[i] ?? Number.NaN) - y)));
    return difference / Math.max(...logits.map(Math.abs));
  } finally {
    await session.release();
  }
}

describe("the same weights give the logits of the original", () => {
  test.each(names)("%s", async (name) => {
    const golden = read(name);
    expect(await relativeError(await build(golden), golden)).toBeLessThan(1e-4);
  });
});

test("a recipe and NumPy's make the same bits", async () => {
  for (const name of ["cifar_resnet20", "mobilenet_v3_small", "resnet18"]) {
    const golden = read(name);
    const { tensors } = weightsOf(golden, (await network(golden)).parameters);
    const weights = createHash("sha256");
    for (const key of [...tensors.keys()].sort()) {
      const tensor = tensors.get(key)!;
      const half = 4 * Math.floor(tensor.byteLength / 8);
      weights.update(await tensor.read(0, half)).update(await tensor.read(half, tensor.byteLength));
    }
    const { count, size, seed } = golden.input;
    expect(weights.digest("hex")).toBe(golden.sha256.weights);
    expect(
      createHash("sha256")
        .update(images(count, 3, size, seed))
        .digest("hex"),
    ).toBe(golden.sha256.images);
  }
});

describe("a network that is wrong in one place is far off", () => {
  const wrong: Readonly<Record<string, (built: BuiltModel) => void>> = {
    "the last gate off": ({ se }) => replace(se.at(-1)!.scale.outputs[0]!, se.at(-1)!.x),
    "the first gate off": ({ se }) => replace(se[0]!.scale.outputs[0]!, se[0]!.x),
  };
  test.each(Object.keys(wrong))("%s", async (fault) => {
    for (const name of ["resnet18", "mobilenet_v3_small", "googlenet"]) {
      const golden = read(name);
      const built = await build(golden);
      wrong[fault]!(built);
      expect(await relativeError(built, golden)).toBeGreaterThan(1e-3);
    }
  });
});
