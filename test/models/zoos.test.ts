import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { buildNetwork } from "../../models/network.js";
import { importWeights } from "../../models/zoos/import.js";
import { zoos } from "../../models/zoos/index.js";
import { compareKeys, type WeightSource } from "../../src/graph/bind.js";
import { choose, UserError } from "../../src/graph/error.js";
import { lazyTensor } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";
import { networkFor } from "../../src/load-weights.js";

type Keys = Record<string, readonly number[]>;

/** Keys and shapes that networks of timm and torchvision have: see tools/zoo-keys.py. */
const networks: Readonly<Record<string, Keys>> = JSON.parse(
  gunzipSync(readFileSync(new URL("goldens/zoo-keys.json.gz", import.meta.url))).toString(),
);
const keysOf = (name: string): Keys => networks[name] ?? expect.fail(`no golden has the keys of ${name}`);

/** A checkpoint of which no byte may be read. */
const source = (keys: Keys, name = "weights.pth"): WeightSource => ({
  name,
  tensors: new Map(
    Object.entries(keys).map(([key, shape]) => [
      key,
      lazyTensor(f32(...shape), () => Promise.reject(new Error(`${key} was read`))),
    ]),
  ),
});
const refused = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => expect.fail("it was taken"),
    (e: unknown) => (e instanceof UserError ? e.message : Promise.reject(e)),
  );

/** moskomule's ResNets are torchvision's with two matrices in each block. */
function moskomule(name: string): Keys {
  const keys: Record<string, readonly number[]> = { ...keysOf(name) };
  for (const [key, [channels = 0]] of Object.entries(keysOf(name))) {
    const block = /^(layer\d\.\d+)\.bn2\.weight$/.exec(key)?.[1];
    if (!block) continue;
    keys[`${block}.se.fc.0.weight`] = [channels / 16, channels];
    keys[`${block}.se.fc.2.weight`] = [channels, channels / 16];
  }
  return keys;
}

describe("a checkpoint alone tells its network", () => {
  test.each([
    ["timm/seresnet18", "timm-resnet", "seresnet18"],
    ["timm/seresnet50", "timm-resnet", "seresnet50"],
    ["timm/seresnext50_32x4d", "timm-resnet", "seresnext50_32x4d"],
    ["timm/seresnet152d", "timm-resnet", "seresnet152d"],
    ["timm/seresnext26t_32x4d", "timm-resnet", "seresnext26t_32x4d"],
    ["timm/resnetrs50", "timm-resnet", "resnetrs50"],
    ["timm/senet154", "timm-resnet", "senet154"],
    ["timm/resnet18d", "timm-resnet", "resnet18d"],
    ["timm/legacy_seresnet18", "cadene", "legacy_seresnet18"],
    ["timm/legacy_seresnet50", "cadene", "legacy_seresnet50"],
    ["timm/legacy_seresnext26_32x4d", "cadene", "legacy_seresnext26_32x4d"],
    ["timm/legacy_senet154", "cadene", "legacy_senet154"],
    ["timm/tf_efficientnet_b6", "timm-efficientnet", "tf_efficientnet_b6"],
    ["timm/mobilenetv2_100", "timm-mobilenetv2", "mobilenet_v2"],
    ["timm/regnety_004", "timm-regnet", "regnet_y_400mf"],
    ["timm/regnety_016", "timm-regnet", "regnet_y_1_6gf"],
    ["timm/vgg11", "timm-vgg", "vgg11"],
    ["timm/vgg16_bn", "timm-vgg", "vgg16_bn"],
    ["timm/inception_v3", "torchvision", "inception_v3"],
    ["timm/inception_resnet_v2", "se-onnx", "inception_resnet_v2"],
    ["timm/densenet121", "torchvision", "densenet121"],
    ["timm/resnet50", "torchvision", "resnet50"],
    ["torchvision/resnet18", "torchvision", "resnet18"],
    ["torchvision/resnext50_32x4d", "torchvision", "resnext50_32x4d"],
    ["torchvision/vgg11", "torchvision", "vgg11"],
    ["torchvision/vgg16_bn", "torchvision", "vgg16_bn"],
    ["torchvision/googlenet", "torchvision", "googlenet"],
    ["torchvision/inception_v3", "torchvision", "inception_v3"],
    ["torchvision/mobilenet_v2", "torchvision", "mobilenet_v2"],
    ["torchvision/mobilenet_v3_large", "torchvision", "mobilenet_v3_large"],
    ["torchvision/mobilenet_v3_small", "torchvision", "mobilenet_v3_small"],
    ["torchvision/efficientnet_b0", "torchvision", "efficientnet_b0"],
    ["torchvision/efficientnet_b5", "torchvision", "efficientnet_b5"],
    ["torchvision/regnet_y_400mf", "torchvision", "regnet_y_400mf"],
    ["torchvision/regnet_y_800mf", "torchvision", "regnet_y_800mf"],
    ["torchvision/densenet121", "torchvision", "densenet121"],
  ])("%s: %s, %s", async (name, zoo, backbone) => {
    const found = await importWeights(source(keysOf(name)));
    expect([found.zoo, found.backbone.name, found.classes, found.inChans]).toEqual([zoo, backbone, 1000, 3]);
  });

  test("torchvision's densenet121 as published, where a digit has a dot before it", async () => {
    const spell = (key: string): string => key.replace(/(denselayer\d+\.(?:norm|conv))([12])\./, "$1.$2.");
    const keys = Object.entries(keysOf("torchvision/densenet121")).map(([key, shape]) => [spell(key), shape]);
    expect(Object.keys(Object.fromEntries(keys))).toContain("features.denseblock1.denselayer1.norm.1.weight");
    expect((await importWeights(source(Object.fromEntries(keys)))).backbone.name).toBe("densenet121");
  });

  test("moskomule's, without biases in SE", async () => {
    const found = await importWeights(source(moskomule("torchvision/resnet18")));
    expect([found.zoo, found.backbone.name, found.se]).toEqual(["moskomule", "resnet18", { bias: false }]);
  });

  test("also its SE, its classes and its channels", async () => {
    const keys = { ...keysOf("timm/seresnet50") };
    for (const [key, [m = 0, c = 0, ...kernel]] of Object.entries(keys)) {
      if (key.endsWith("se.fc1.weight")) keys[key] = [m / 2, c, ...kernel];
      if (key.endsWith("se.fc1.bias")) keys[key] = [m / 2];
      if (key.endsWith("se.fc2.weight")) keys[key] = [m, c / 2, ...kernel];
    }
    const found = await importWeights(
      source({ ...keys, "fc.weight": [10, 2048], "fc.bias": [10], "conv1.weight": [64, 1, 7, 7] }),
    );
    expect([found.backbone.name, found.classes, found.inChans]).toEqual(["seresnet50", 10, 1]);
    expect(found.se).toMatchObject({ r: 32, bias: true });
  });

  test("that it has no SE and no classifier", async () => {
    const { "fc.weight": _w, "fc.bias": _b, ...keys } = keysOf("torchvision/resnet18");
    const found = await importWeights(source(keys), { backbone: "resnet18" });
    expect([found.se, found.classes]).toEqual([null, 0]);
  });

  test("what is there for training alone is left aside", async () => {
    const found = await importWeights(source(keysOf("torchvision/googlenet")));
    expect(found.aside).toHaveLength(20);
    expect(found.aside.every((key) => /^aux[12]\./.test(key))).toBe(true);
    expect([...found.source.tensors.keys()].filter((key) => key.startsWith("aux"))).toEqual([]);
  });
});

test("timm's VGG is refused where it would slide over a larger map", async () => {
  const weights = await importWeights(source(keysOf("timm/vgg11")));
  const build = (inputSize: number) => networkFor("vgg11", weights.architecture, weights, { inputSize });
  expect(build(192).inputSize).toBe(192);
  expect(() => build(256)).toThrow("vgg11 by timm-vgg computes something else at 256 pixels than this one");
});

describe("where keys and shapes fit several networks", () => {
  test.each([
    ["timm/efficientnet_b0", "efficientnet_b0 and tf_efficientnet_b0"],
    ["timm/efficientnet_b5", "timm_efficientnet_b5 and tf_efficientnet_b5"],
    ["timm/mobilenetv3_large_100", "mobilenetv3_large_100 and tf_mobilenetv3_large_100"],
    ["timm/mobilenetv3_small_100", "mobilenetv3_small_100 and tf_mobilenetv3_small_100"],
    ["timm/seresnextaa101d_32x8d", "seresnext101d_32x8d and seresnextaa101d_32x8d"],
  ])("it asks: %s", async (name, both) => {
    expect(await refused(importWeights(source(keysOf(name))))).toBe(
      `weights.pth fits several networks, ${both}: say which with --backbone`,
    );
  });

  test.each([
    ["efficientnet_b0_ra-3dd342df.pth", "efficientnet_b0"],
    ["models/tf_efficientnet_b0_aa-827b6e33.pth", "tf_efficientnet_b0"],
  ])("a name decides: %s", async (hint, backbone) => {
    expect((await importWeights(source(keysOf("timm/efficientnet_b0")), { hint })).backbone.name).toBe(backbone);
  });

  test("the caller decides", async () => {
    const found = await importWeights(source(keysOf("timm/efficientnet_b0")), { backbone: "tf_efficientnet_b0" });
    expect(found.backbone.name).toBe("tf_efficientnet_b0");
  });
});

describe("a checkpoint of no network here", () => {
  test.each(["timm/ecaresnet50d", "timm/regnety_040", "timm/mnasnet_100"])(
    "is compared with the nearest: %s",
    async (name) => {
      expect(await refused(importWeights(source(keysOf(name))))).toMatch(
        /^weights\.pth is of no network here: the nearest is \w+, keys as in [\w-]+, with \d+ of them missing, \d+ of another shape and \d+ unexpected; --backbone \w+ lists them$/,
      );
    },
  );
  test("is none of ours at all", async () => {
    expect(await refused(importWeights(source({ "transformer.wte.weight": [10, 10] })))).toBe(
      "weights.pth is of no network here: none of its 1 keys, of which 'transformer.wte.weight' is the first, is one that they have",
    );
    expect(await refused(importWeights(source({})))).toContain("none of its 0 keys");
  });
  test("is not taken for another zoo's, whose network would be another", async () => {
    const weights = source(keysOf("timm/seresnet50"));
    expect(await refused(importWeights(weights, { zoo: "cadene" }))).toBe(
      "weights.pth is not spelled as cadene spells: leave out --zoo, or choose timm-resnet or torchvision or se-onnx",
    );
    expect((await importWeights(weights, { zoo: "timm-resnet" })).backbone.name).toBe("seresnet50");
  });
  test("names that are not known are answered with the nearest", async () => {
    const weights = source(keysOf("torchvision/resnet18"));
    expect(await refused(importWeights(weights, { zoo: "timm-resnets" }))).toContain("there is no zoo 'timm-resnets'");
    expect(await refused(importWeights(weights, { backbone: "resnet19" }))).toContain(
      "there is no backbone 'resnet19'",
    );
  });
});

/** The keys and shapes of a network with its own SE, or without. */
async function signature(name: string, plain: boolean): Promise<string> {
  const backbone = choose("backbone", name, backbones);
  const network = buildNetwork(name, await backbone.load(), plain ? { se: null } : {});
  return network.parameters
    .map((p) => `${p.key} ${p.type.shape}`)
    .sort()
    .join("\n");
}

describe.each(zoos.filter((zoo) => zoo.name !== "se-onnx"))("the rows of $name", ({ backbones: rows }) => {
  test.each([
    ["with SE", ["layer1.0.se.fc1.weight"], false],
    ["without", ["layer1.0.conv1.weight"], true],
  ])("share keys and shapes within, and no others, %s", async (_, keys, plain) => {
    const found = rows(new Set(keys));
    const signatures = await Promise.all(found.map((row) => Promise.all(row.map((name) => signature(name, plain)))));
    for (const row of signatures) expect(new Set(row).size).toBe(1);
    expect(new Set(signatures.flat()).size).toBe(signatures.length);
  });
});

test("a backbone that is given need not fit: what does not is for bind to say", async () => {
  const found = await importWeights(source(keysOf("torchvision/resnet18")), { backbone: "resnet34" });
  const { parameters } = buildNetwork("resnet34", found.architecture, { se: found.se });
  expect(compareKeys(parameters, found.source).missing.length).toBeGreaterThan(0);
});
