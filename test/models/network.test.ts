import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import { resnet18, resnet50, resnet101 } from "../../models/resnet.js";
import { resnext50_32x4d, resnext101_64x4d } from "../../models/resnext.js";
import { squeezeExcite, squeezeExciteConv } from "../../models/se-block.js";
import { check } from "../../src/graph/check.js";
import { Graph, GraphError, type Value } from "../../src/graph/graph.js";
import { Scope } from "../../src/graph/scope.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { integers } from "../../src/graph/tensor.js";
import { f32, show } from "../../src/graph/type.js";

const network = (options: NetworkOptions = {}) => buildNetwork("resnet18", resnet18, options);
const typeOf = (graph: Graph, name: string): string =>
  show(graph.nodes.flatMap((n) => n.outputs).find((v) => v.name === name)?.type ?? null);
const outputType = (graph: Graph): string => graph.outputs.map((v) => `${v.name}: ${show(v.type)}`).join();
const keys = (options: NetworkOptions, architecture = resnet18): string[] =>
  buildNetwork("n", architecture, options).parameters.map((p) => p.key);

describe("a network", () => {
  test("takes images of any batch and gives logits", () => {
    const { graph } = network();
    expect(graph.name).toBe("resnet18");
    expect(graph.inputs.map((v) => `${v.name}: ${show(v.type)}`)).toEqual(["input: float32[N,3,224,224]"]);
    expect(outputType(graph)).toBe("logits: float32[N,1000]");
    expect(graph.opsets.get("")).toBe(18);
  });

  test.each<[NetworkOptions, string, string]>([
    [{ batch: 3 }, "float32[3,3,224,224]", "logits: float32[3,1000]"],
    [{ batch: "dynamic", classes: 1 }, "float32[N,3,224,224]", "logits: float32[N,1]"],
    [{ classes: 10, inChans: 1, inputSize: 32 }, "float32[N,1,32,32]", "logits: float32[N,10]"],
    [{ inChans: 7, inputSize: 321, batch: 1 }, "float32[1,7,321,321]", "logits: float32[1,1000]"],
  ])("with %o", (options, input, output) => {
    const { graph, parameters } = network(options);
    expect(show(graph.inputs[0]?.type ?? null)).toBe(input);
    expect(outputType(graph)).toBe(output);
    expect(check(graph)).toEqual([]);
    const [conv1, classes] = [parameters[0], parameters.at(-1)];
    expect(conv1?.type.shape).toEqual([64, options.inChans ?? 3, 7, 7]);
    expect(classes?.type.shape).toEqual([options.classes ?? 1000]);
  });

  test.each(backbones.filter((b) => b.family === "resnet" || b.family === "resnext"))(
    "$name halves the image five times, and SE keeps every shape",
    async ({ name, load }) => {
      const architecture = await load();
      const { graph } = buildNetwork(name, architecture);
      const plain = buildNetwork(name, architecture, { se: null }).graph;
      const wide = name === "resnet18" || name === "resnet34" ? 1 : 4;
      const last = [1, 2, 3, 4].map((layer) => {
        const blocks = graph.nodes.filter((n) => new RegExp(`^layer${layer}\\.\\d+$`).test(n.name));
        return blocks.at(-1)!.name;
      });
      const shapes = last.map((block) => typeOf(graph, block));
      expect(shapes).toEqual([64, 128, 256, 512].map((c, i) => `float32[N,${c * wide},${56 >> i},${56 >> i}]`));
      expect(last.map((block) => typeOf(plain, block))).toEqual(shapes);
      expect(typeOf(graph, "maxpool")).toBe("float32[N,64,56,56]");
      expect(outputType(plain)).toBe(outputType(graph));
      expect(check(graph)).toEqual([]);
    },
  );

  test.each([13, 18, 23])("is valid at opset %i", (opset) => {
    const { graph } = network({ opset });
    expect(graph.opsets.get("")).toBe(opset);
    expect(check(graph)).toEqual([]);
  });

  test("strides in the 3x3 convolution, as torchvision's v1.5", () => {
    const { graph } = buildNetwork("resnet50", resnet50);
    const strides = (name: string) => graph.nodes.find((n) => n.name === name)?.attributes.strides;
    expect(strides("layer2.0.conv1")).toEqual({ kind: "ints", value: [1, 1] });
    expect(strides("layer2.0.conv2")).toEqual({ kind: "ints", value: [2, 2] });
    expect(strides("layer2.0.downsample.0")).toEqual({ kind: "ints", value: [2, 2] });
    expect(strides("layer1.0.downsample.0")).toEqual({ kind: "ints", value: [1, 1] });
  });

  test("has ResNeXt's groups", () => {
    const group = (architecture: typeof resnet50) => {
      const { graph, parameters } = buildNetwork("n", architecture);
      const weight = parameters.find((p) => p.key === "layer1.0.conv2.weight")?.type.shape;
      return [graph.nodes.find((n) => n.name === "layer1.0.conv2")?.attributes.group, weight];
    };
    expect(group(resnet50)).toEqual([{ kind: "int", value: 1 }, [64, 64, 3, 3]]);
    expect(group(resnext50_32x4d)).toEqual([{ kind: "int", value: 32 }, [128, 4, 3, 3]]);
    expect(group(resnext101_64x4d)).toEqual([{ kind: "int", value: 64 }, [256, 4, 3, 3]]);
  });

  test("starts each branch with half its scale, so that activations stay near 1", () => {
    const { parameters } = network();
    const starts = Object.fromEntries(parameters.map((p) => [p.key, p.init]));
    expect(starts["layer1.0.bn1.weight"]).toEqual({ kind: "constant", value: 1 });
    expect(starts["layer1.0.bn2.weight"]).toEqual({ kind: "constant", value: 0.5 });
    expect(starts["layer2.0.downsample.1.weight"]).toEqual({ kind: "constant", value: 1 });
    expect(starts["bn1.running_var"]).toEqual({ kind: "constant", value: 1 });
    expect(starts["bn1.running_mean"]).toEqual({ kind: "constant", value: 0 });
    expect(starts["conv1.weight"]).toEqual({ kind: "he-uniform", fanIn: 147 });
    expect(starts["layer1.0.se.fc2.weight"]).toEqual({ kind: "he-uniform", fanIn: 4 });
  });
});

describe("keys", () => {
  const bn = (name: string) => ["weight", "bias", "running_mean", "running_var"].map((p) => `${name}.${p}`);

  test("of a basic block are torchvision's, with SE timm's", () => {
    expect(keys({}).filter((k) => k.startsWith("layer2.0."))).toEqual([
      "layer2.0.conv1.weight",
      ...bn("layer2.0.bn1"),
      "layer2.0.conv2.weight",
      ...bn("layer2.0.bn2"),
      "layer2.0.se.fc1.weight",
      "layer2.0.se.fc2.weight",
      "layer2.0.downsample.0.weight",
      ...bn("layer2.0.downsample.1"),
    ]);
  });

  test("of a bottleneck likewise, with SE biases", () => {
    expect(keys({ se: { bias: true } }, resnet50).filter((k) => k.startsWith("layer1.0."))).toEqual([
      "layer1.0.conv1.weight",
      ...bn("layer1.0.bn1"),
      "layer1.0.conv2.weight",
      ...bn("layer1.0.bn2"),
      "layer1.0.conv3.weight",
      ...bn("layer1.0.bn3"),
      "layer1.0.se.fc1.weight",
      "layer1.0.se.fc1.bias",
      "layer1.0.se.fc2.weight",
      "layer1.0.se.fc2.bias",
      "layer1.0.downsample.0.weight",
      ...bn("layer1.0.downsample.1"),
    ]);
  });

  test("of stem and head", () => {
    const all = keys({ se: null });
    expect(all.slice(0, 5)).toEqual(["conv1.weight", ...bn("bn1")]);
    expect(all.slice(-2)).toEqual(["fc.weight", "fc.bias"]);
    expect(all).toHaveLength(20 * 5 + 2);
    expect(keys({ se: null }, resnet101)).toContain("layer3.22.conv3.weight");
    expect(keys({ se: null }, resnet101)).not.toContain("layer3.23.conv3.weight");
  });

  test("are those of the plain network and SE's own, each once", () => {
    const [se, plain] = [keys({}, resnet50), keys({ se: null }, resnet50)];
    expect(new Set(se).size).toBe(se.length);
    expect(se.filter((k) => !k.includes(".se."))).toEqual(plain);
    expect(se.length - plain.length).toBe(32);
  });

  test("are the names of the constants, and of the nodes that read them", () => {
    const { graph, parameters } = network();
    const names = new Set(graph.constants.map((c) => c.name));
    expect(parameters.filter((p) => !names.has(p.key))).toEqual([]);
    expect(graph.nodes.find((n) => n.name === "layer1.0.conv1")?.inputs[1]?.name).toBe("layer1.0.conv1.weight");
    expect(graph.nodes.find((n) => n.name === "layer1.0.se.fc1")?.inputs[1]?.name).toBe("layer1.0.se.fc1.weight");
  });
});

describe("SE", () => {
  const names = (options: NetworkOptions) => findSqueezeExcite(network(options).graph).map((b) => b.name);

  test("stands in every block unless told otherwise", () => {
    const all = [1, 2, 3, 4].flatMap((layer) => [0, 1].map((block) => `layer${layer}.${block}.se`));
    expect(names({})).toEqual(all);
    expect(names({ se: {} })).toEqual(all);
    expect(names({ se: { stages: [5, 2] } })).toEqual([...all.slice(0, 2), ...all.slice(6)]);
    expect(names({ se: { stages: [] } })).toEqual([]);
    expect(names({ se: null })).toEqual([]);
  });

  test("comes before the sum, behind the last normalisation", () => {
    const { graph } = network();
    const sum = graph.nodes.find((n) => n.name === "layer1.0.add");
    expect(sum?.inputs.map((v) => v?.name)).toEqual(["layer1.0.se", "maxpool"]);
    const scale = graph.nodes.find((n) => n.name === "layer1.0.se");
    expect(scale?.inputs[0]?.name).toBe("layer1.0.bn2");
  });

  test("is the seed's chain of operators, with no bias", () => {
    const ops = (options: NetworkOptions) => {
      const { graph } = network(options);
      const from = graph.nodes.findIndex((n) => n.name === "layer1.0.se.squeeze");
      const to = graph.nodes.findIndex((n) => n.name === "layer1.0.se");
      return graph.nodes.slice(from, to + 1).map((n) => `${n.op}/${n.inputs.length}`);
    };
    const gemm = "GlobalAveragePool/1 Flatten/1 Gemm/2 Relu/1 Gemm/2 Sigmoid/1 Reshape/2 Mul/2";
    expect(ops({})).toEqual(gemm.split(" "));
    expect(ops({ se: { bias: true } })).toEqual(gemm.replaceAll("Gemm/2", "Gemm/3").split(" "));
    expect(ops({ se: { block: squeezeExciteConv } })).toEqual(
      "GlobalAveragePool/1 Conv/2 Relu/1 Conv/2 Sigmoid/1 Mul/2".split(" "),
    );
  });

  test.each<[NetworkOptions["batch"] & {}, string]>([
    ["dynamic", "N"],
    [5, "5"],
  ])("keeps the batch free: %s", (batch, n) => {
    const { graph } = network({ batch });
    const reshapes = graph.nodes.filter((node) => node.op === "Reshape");
    expect(reshapes).toHaveLength(8);
    expect(reshapes.map((node) => integers(node.inputs[1]?.constant ?? null))).toEqual(
      [64, 64, 128, 128, 256, 256, 512, 512].map((c) => [0, c, 1, 1]),
    );
    expect(show(reshapes[0]?.outputs[0]?.type ?? null)).toBe(`float32[${n},64,1,1]`);
    expect(show(reshapes[0]?.inputs[0]?.type ?? null)).toBe(`float32[${n},64]`);
  });

  test.each([
    ["gemm", squeezeExcite],
    ["conv", squeezeExciteConv],
  ] as const)("as a function of its own takes any map of known channels: %s", (_, block) => {
    const graph = new Graph("g");
    const build = (x: Value) => block(x, new Scope(graph, "se"));
    expect(show(build(graph.input("x", f32(2, 32, "H", null))).type)).toBe("float32[2,32,H,?]");
    expect(() => build(graph.input("y", f32("N", "C", 7, 7)))).toThrow(
      new GraphError("'y' is float32[N,C,7,7]: its number of channels is not known"),
    );
    expect(() => block(graph.input("z", f32("N", 32, 7, 7)), new Scope(graph, "other"), { r: 33 })).toThrow(
      new GraphError("r = 33 leaves 'other' no hidden unit, since it divides 32: choose r up to 32"),
    );
  });
});

describe("what cannot be built is refused by name and number", () => {
  test.each<[string, NetworkOptions, string]>([
    [
      "r too large",
      { se: { r: 65 } },
      "r = 65 leaves 'layer1.0.se' no hidden unit, since it divides 64: choose r up to 64",
    ],
    [
      "r too large, where only later stages have SE",
      { se: { r: 600, stages: [5] } },
      "r = 600 leaves 'layer4.0.se' no hidden unit, since it divides 512",
    ],
    ["r of 0", { se: { r: 0 } }, "r must be a whole number from 1 up, but is 0"],
    ["r of 1.5", { se: { r: 1.5, block: squeezeExciteConv } }, "r must be a whole number from 1 up, but is 1.5"],
    ["a stage that is not there", { se: { stages: [2, 6] } }, "resnet18 has no stage 6: its stages are 2, 3, 4, 5"],
    ["stage 1", { se: { stages: [1] } }, "resnet18 has no stage 1: its stages are 2, 3, 4, 5"],
    [
      "an image too small",
      { inputSize: 31 },
      "an input of 31x31 is too small for resnet18, which needs at least 32x32",
    ],
    ["no image", { inputSize: 0 }, "input-size must be a whole number from 1 up, but is 0"],
    ["half a pixel", { inputSize: 224.5 }, "input-size must be a whole number from 1 up, but is 224.5"],
    ["less than no class", { classes: -1 }, "classes must be a whole number from 1 up, but is -1"],
    [
      "a feature that is not there",
      { features: ["layer9"] },
      "resnet18 has no feature 'layer9': choose from layer1, layer2, layer3, layer4, logits",
    ],
    [
      "a place that is not there",
      { se: { where: "3x3" } },
      "resnet18 has no place '3x3' for SE: choose standard or pre or post or identity or relu",
    ],
    ["not a number of classes", { classes: Number.NaN }, "classes must be a whole number from 1 up, but is NaN"],
    ["no channel", { inChans: 0 }, "in-chans must be a whole number from 1 up, but is 0"],
    ["no batch", { batch: 0 }, "batch must be a whole number from 1 up, but is 0"],
    ["a negative batch", { batch: -3 }, "batch must be a whole number from 1 up, but is -3"],
    ["an opset before its operators", { opset: 5 }, "needs opset 7, but the graph has opset 5"],
  ])("%s", (_, options, message) => {
    const attempt = () => network(options);
    expect(attempt).toThrow(GraphError);
    expect(attempt).toThrow(message);
  });

  test("r of all the channels is not", () => {
    expect(findSqueezeExcite(network({ se: { r: 64 } }).graph)[0]).toMatchObject({ channels: 64, hidden: 1 });
  });
});
