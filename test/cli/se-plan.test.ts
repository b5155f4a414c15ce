import { describe, expect, test } from "vitest";
import { type SeArguments, sePlan } from "../../cli/se-plan.js";
import { efficientChannelAttention } from "../../models/attention/eca.js";
import { blocks, excitations, squeezes } from "../../models/attention/index.js";
import { backbones } from "../../models/index.js";
import { squeezeExcite, squeezeExciteConv } from "../../models/se-block.js";
import { buildModel } from "../../src/build.js";
import { UserError } from "../../src/graph/error.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { isVariant } from "../models/variants.js";
import { photo, seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const plan = (args: Partial<SeArguments>) => sePlan({ se: true, ...args });

describe("the options of build become a plan", () => {
  test("nothing asked for: every choice is the architecture's", () => {
    expect(plan({})).toEqual({ block: squeezeExcite });
  });

  test("each by its name", () => {
    expect(plan({ seForm: "conv" })?.block).toBe(squeezeExciteConv);
    expect(plan({ seBlock: "eca" })?.block).toBe(efficientChannelAttention);
    expect(plan({ integration: "pre" })?.where).toBe("pre");
    expect(plan({ seWhere: "last" })?.where).toBe("last");
    expect(plan({ r: 8, seBias: true, seStages: [2, 3] })).toMatchObject({ r: 8, bias: true, stages: [2, 3] });
    expect(plan({ rdDivisor: 8 })?.round?.(4.2)).toBe(8);
    for (const { name, squeeze } of squeezes) expect(plan({ squeeze: name })?.squeeze).toBe(squeeze);
    for (const { name, excitation } of excitations) expect(plan({ excitation: name })?.excitation).toBe(excitation);
    expect(sePlan({ se: false })).toBeNull();
  });

  test.each<[Partial<SeArguments>, string]>([
    [{ se: false, r: 4 }, "--r and --no-se contradict each other: leave one of them out"],
    [{ se: false, seStages: [2] }, "--se-stages and --no-se contradict each other: leave one of them out"],
    [
      { integration: "pre", seWhere: "post" },
      "--integration pre and --se-where post contradict each other: give one of them",
    ],
    [{ seBlock: "eca", r: 4 }, "--r means nothing to eca: leave it out, or choose another --se-block"],
    [{ seBlock: "effective-se", excitation: "tanh" }, "--excitation means nothing to effective-se"],
    [{ seBlock: "no-squeeze", squeeze: "max" }, "--squeeze means nothing to no-squeeze"],
    [{ seBlock: "scse", seBias: true }, "--se-bias means nothing to scse"],
    [{ seBlock: "eca", seForm: "conv" }, "--se-form conv is for the block se, not for eca: leave one of them out"],
    [{ seBlock: "ecca" }, "there is no SE block 'ecca': choose eca, scse, se,"],
  ])("%o is refused", (args, message) => {
    expect(() => plan(args)).toThrow(UserError);
    expect(() => plan(args)).toThrow(message);
  });
});

describe("every option on every backbone builds, or is refused with a sentence that says what would work", () => {
  const asked: readonly Partial<SeArguments>[] = [
    { r: 4 },
    { rdDivisor: 8 },
    { seBias: true },
    { seForm: "conv" },
    ...["pre", "post", "identity", "3x3", "relu", "every", "last", "mixed"].map((seWhere) => ({ seWhere })),
    ...squeezes.map(({ name }) => ({ squeeze: name })),
    ...excitations.map(({ name }) => ({ excitation: name })),
    ...blocks.map(({ name }) => ({ seBlock: name })),
  ];
  test.each(backbones.filter(({ name }) => !isVariant(name)))("$name", async ({ name, load }) => {
    const architecture = await load();
    const places = ["standard", ...(architecture.places ?? [])];
    for (const args of asked) {
      const build = () => buildModel(name, architecture, { se: plan(args) });
      if (args.seWhere && !places.includes(args.seWhere)) {
        expect(build).toThrow(new RegExp(`^${name} has no place '${args.seWhere}' for SE: choose \\w+`));
        continue;
      }
      const { graph, plan: built, seParameters } = build();
      expect(built!.blocks.length, JSON.stringify(args)).toBeGreaterThan(0);
      expect(seParameters, JSON.stringify(args)).toBeGreaterThan(0);
      const relative = args.seBlock && args.seBlock !== "se";
      const found = findSqueezeExcite(graph);
      if (!relative) expect(found.length, JSON.stringify(args)).toBe(built!.blocks.length);
      if (args.squeeze) expect(new Set(found.map((b) => b.squeeze))).toEqual(new Set([args.squeeze]));
      if (args.excitation)
        expect(new Set(found.map((b) => b.excitation.toLowerCase()))).toEqual(new Set([args.excitation]));
    }
  });
});

describe("se-onnx build", () => {
  const run = (...args: string[]) => seOnnx(["build", ...args, "--json"], { cwd: folder });

  test("calls a file by its network, and by r where that is asked for or not the family's own", async () => {
    const name = async (...args: string[]) => JSON.parse((await run("--input-size", "32", ...args)).stdout).file;
    expect(await name("--backbone", "mobilenet_v3_small")).toBe("mobilenet_v3_small.onnx");
    expect(await name("--backbone", "mobilenet_v3_small", "--r", "8")).toBe("se_mobilenet_v3_small_r8.onnx");
    expect(await name("--backbone", "mobilenet_v3_small", "--no-se")).toBe("mobilenet_v3_small_no_se.onnx");
    expect(await name("--backbone", "cifar_resnet20")).toBe("se_cifar_resnet20_r16.onnx");
    expect(await name("--backbone", "cifar_resnet20", "--no-se")).toBe("cifar_resnet20.onnx");
  });

  test("says what its SE is", async () => {
    const options = [
      "--integration",
      "post",
      "--squeeze",
      "max",
      "--excitation",
      "tanh",
      "--se-stages",
      "2,3",
      "--r",
      "8",
    ];
    const { stdout } = await run("--backbone", "cifar_resnet20", ...options, "--dry-run");
    expect(JSON.parse(stdout).se).toEqual({
      r: 8,
      blocks: 6,
      squeeze: "max",
      excitation: "tanh",
      integration: "post",
      where: "post",
      stages: [2, 3],
      bias: false,
      form: "gemm",
      block: "se",
    });
    const own = JSON.parse((await run("--backbone", "mobilenet_v3_small", "--dry-run")).stdout).se;
    expect(own).toMatchObject({ r: 4, blocks: 9, excitation: "hardsigmoid", bias: true, integration: "standard" });
  });

  test("gives maps, gates and an embedding as outputs", async () => {
    const names = async (...args: string[]) =>
      JSON.parse((await run("--backbone", "cifar_resnet20", "--dry-run", ...args)).stdout).outputs.map(
        (o: { readonly name: string; readonly shape: unknown }) => `${o.name} ${o.shape}`,
      );
    expect(await names("--features", "layer1,layer3")).toEqual(["layer1 N,16,32,32", "layer3 N,64,8,8"]);
    expect(await names("--classes", "0")).toEqual(["embedding N,64"]);
    expect(await names("--features", "layer1", "--expose-gates")).toEqual([
      "layer1 N,16,32,32",
      "layer1.0.se.gate N,16",
      "layer1.1.se.gate N,16",
      "layer1.2.se.gate N,16",
    ]);
    expect(await names("--expose-gates")).toHaveLength(10);
  });

  test.each([
    [["--backbone", "vgg11", "--integration", "pre"], "vgg11 has no place 'pre' for SE: choose every or last"],
    [["--backbone", "resnet50", "--se-stages", "6"], "resnet50 has no stage 6: its stages are 2, 3, 4, 5"],
    [["--backbone", "resnet18", "--r", "65"], "r = 65 leaves 'layer1.0.se' no hidden unit, since it divides 64"],
    [
      ["--backbone", "efficientnet_b0", "--r", "100"],
      "r = 100 leaves 'features.1.0.block.1' no hidden unit, since it divides 32",
    ],
    [["--backbone", "seresnet50", "--r", "1000"], "r = 1000 leaves 'layer1.0.se' no hidden unit, since it divides 256"],
    [["--backbone", "resnet18", "--rd-divisor", "100"], "'layer1.0.se' has 64 channels, too few for 100 hidden units"],
    [
      ["--backbone", "resnet18", "--features", "layer1", "--se-stages", "5"],
      "no SE block of resnet18 lies before its outputs",
    ],
    [["--backbone", "resnet18", "--no-se", "--expose-gates"], "resnet18 without SE has no gates to expose"],
    [["--backbone", "resnet18", "--features", "layer2,layer2"], "the feature 'layer2' is asked for twice"],
    [
      ["--backbone", "resnet18", "--in-chans", "1000000000000"],
      "in-chans can be at most 1048576, but is 1000000000000",
    ],
    [
      ["--backbone", "resnet18", "--dry-run", "-o", "folder/"],
      "'folder/' is a folder: name a file, or add --io-names hf",
    ],
    [["--backbone", "resnet18", "--r", "0"], "'0' is invalid. It must be a whole number from 1 up."],
    [["--backbone", "inception_v3", "--input-size", "74"], "too small for inception_v3, which needs at least 75x75"],
    [["--backbone", "resnet18", "--squeeze", "mean"], "Allowed choices are avg, max, avgmax."],
    [
      ["--backbone", "resnet18", "--features", "layer5"],
      "resnet18 has no feature 'layer5': choose from layer1, layer2",
    ],
  ])("%j is refused with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});

describe("se-onnx run", () => {
  const build = (...args: string[]) =>
    seOnnx(["build", "--backbone", "cifar_resnet20", "-o", "model.onnx", ...args], { cwd: folder });
  const classify = () => seOnnx(["run", "model.onnx", photo("chelsea.png"), "--json"], { cwd: folder });

  test("takes the logits from among other outputs", async () => {
    await build();
    const alone = JSON.parse((await classify()).stdout).images[0].predictions;
    await build("--features", "layer2,logits", "--expose-gates");
    expect(JSON.parse((await classify()).stdout).images[0].predictions).toEqual(alone);
  });

  test("refuses to take an embedding for classes", async () => {
    await build("--classes", "0");
    const { code, stderr } = await classify();
    expect(code).toBe(2);
    expect(stderr).toContain(
      "the model gives an embedding and no classes: use run for raw tensors (--input on the command line)",
    );
  });
});
