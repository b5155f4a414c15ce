import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// The built package, since a session's worker is a file of it.
import { open } from "../../dist/src/node.js";
import { excitations } from "../../models/attention/index.js";
import { mobilenet_v3_small } from "../../models/mobilenet-v3.js";
import { pretrained } from "../../models/pretrained/index.js";
import { resnet18 } from "../../models/resnet.js";
import { seresnet18 } from "../../models/seresnet.js";
import { decode } from "../../src/export/decode.js";
import { readMetadata } from "../../src/export/metadata.js";
import { type Hub, startHub } from "../export/fetch/hub-server.js";
import { safetensors, tensorsOf, writeSafetensors } from "./checkpoint.js";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const run = (...args: string[]) => seOnnx(args, { cwd: folder });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, "--json");
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};
const metadataOf = async (file: string) => {
  const bytes = await readFile(join(folder, file));
  return readMetadata(await decode({ byteLength: bytes.length, read: async (a, b) => bytes.subarray(a, b) }));
};
const write = (file: string, ...of: Parameters<typeof tensorsOf>) =>
  writeSafetensors(join(folder, file), tensorsOf(...of));

beforeAll(async () => {
  await write("plain.safetensors", resnet18, { se: null, classes: 10 });
  await write("se.safetensors", seresnet18, { classes: 10 }, (key) => `module.${key}`);
  await write("mobile.safetensors", mobilenet_v3_small);
});

describe("build --weights FILE alone", () => {
  test("never replaces the weights, by whatever path", async () => {
    await write("kept.safetensors", resnet18, { se: null, classes: 10 });
    const before = await readFile(join(folder, "kept.safetensors"));
    await symlink("kept.safetensors", join(folder, "link.safetensors"));
    for (const output of ["kept.safetensors", "./kept.safetensors", "link.safetensors"]) {
      const { code, stderr } = await run("build", "--weights", "kept.safetensors", "-o", output);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `error: '${output}' holds the weights, which the model would replace: name another file with --output\n`,
      });
    }
    expect((await readFile(join(folder, "kept.safetensors"))).equals(before)).toBe(true);
  });
  test.each([
    [["--label-offset", "1"], "--label-offset"],
    [["--no-strict"], "--no-strict"],
    [["--hash"], "--hash"],
    [["--zoo", "cadene"], "--zoo"],
  ])("%j needs weights", async (options, name) => {
    const { code, stderr } = await run("build", "--backbone", "cifar_resnet20", "--dry-run", ...options);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: ${name} is about weights: give them with --weights, or leave it out\n`,
    });
  });
  test("a model whose BatchNormalization is folded is told from one of another network", async () => {
    await run("build", "--backbone", "cifar_resnet20", "-o", "folded.onnx");
    await run("build", "--backbone", "cifar_resnet20", "--no-fold", "-o", "whole.onnx");
    expect((await run("build", "--weights", "whole.onnx", "--dry-run")).code).toBe(0);
    const { code, stderr } = await run("build", "--weights", "folded.onnx", "--dry-run");
    expect(code).toBe(2);
    expect(stderr).toContain("folded.onnx has no statistics of BatchNormalization");
  });
  test("knows the network, its SE and its classes", async () => {
    const built = await json("build", "--weights", "se.safetensors", "--input-size", "64");
    expect(built).toMatchObject({
      backbone: "seresnet18",
      file: "seresnet18.onnx",
      se: { r: 16, blocks: 8, bias: true },
      outputs: [{ shape: ["N", 10] }],
      weights: { source: "file", name: "se.safetensors", zoo: "timm-resnet", missing: [], unexpected: [], fresh: [] },
    });
    expect((await metadataOf(built.file)).weights).toEqual({
      source: "file",
      name: "se.safetensors",
      zoo: "timm-resnet",
    });
  });

  test("keeps the hash of the file where it is asked for", async () => {
    const { file } = await json("build", "--weights", "se.safetensors", "--hash", "-o", "hashed.onnx");
    const sha256 = createHash("sha256")
      .update(await readFile(join(folder, "se.safetensors")))
      .digest("hex");
    expect((await metadataOf(file)).weights).toMatchObject({ name: "se.safetensors", sha256 });
  });

  test("of a network without SE builds it without, and says how to add it", async () => {
    const { code, stdout } = await run("build", "--weights", "plain.safetensors", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^resnet18 with no SE, weights from plain\.safetensors$/m);
    expect(stdout).toMatch(/--r 16 adds SE that starts as identity/);
  });

  test("prints what it matched and how it fitted the rest", async () => {
    const args = ["build", "--weights", "plain.safetensors", "--classes", "3", "--in-chans", "1", "--dry-run"];
    const { stdout, stderr } = await run(...args);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/weights {5}100 tensors matched, 2 left aside/);
    expect(stdout).toMatch(/the first convolution was made for 3 channels: summed over them for 1/);
    expect(stdout).toMatch(/the classifier was made for 10 classes: a new one for 3, with random weights/);
  });
});

describe("SE added to weights without starts as identity", () => {
  const size = ["--input-size", "64"];
  const data = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i));
  const outputs = async (file: string) => {
    const model = await open(join(folder, file));
    const { logits, ...gates } = await model.run({ input: { dtype: "float32", shape: [1, 3, 64, 64], data } });
    await model.close();
    expect(logits?.shape).toEqual([1, 10]);
    return { logits: Array.from(logits?.data ?? [], Number), gates: Object.values(gates) };
  };
  let plain: readonly number[];
  beforeAll(async () => {
    await json("build", "--weights", "plain.safetensors", ...size, "-o", "without.onnx");
    plain = (await outputs("without.onnx")).logits;
  });

  test.each(excitations)("with $name: gates are 1, outputs the plain network's", async ({ name }) => {
    const args = ["build", "--weights", "plain.safetensors", "--r", "8", "--excitation", name, ...size];
    const built = await json(...args, "--expose-gates", "-o", `${name}.onnx`);
    expect(built.se).toMatchObject({ blocks: 8, r: 8, bias: true });
    expect(built.weights.fresh).toHaveLength(32);
    const { logits, gates } = await outputs(`${name}.onnx`);
    const off = Math.max(...logits.map((v, i) => Math.abs(v - (plain[i] ?? Number.NaN))));
    expect(off / Math.max(...plain.map(Math.abs))).toBeLessThan(2e-6); // ONNX Runtime adds in another order where no Mul stands between
    expect(gates).toHaveLength(8);
    for (const gate of gates) expect(new Set(gate.data as Float32Array)).toEqual(new Set([1])); // float32 outputs
  });
});

test("--label-offset leaves out the first classes", async () => {
  const built = await json("build", "--weights", "plain.safetensors", "--label-offset", "1", "--dry-run");
  expect(built.outputs[0].shape).toEqual(["N", 9]);
  expect(built.weights.changes).toEqual(["the first 1 of 10 classes left out"]);
});

describe("weights that do not fit", () => {
  test("are listed key by key, exit code 2", async () => {
    const { code, stderr } = await run("build", "--backbone", "resnet34", "--weights", "plain.safetensors");
    expect(code).toBe(2);
    expect(stderr).toMatch(/does not fit the network: 80 missing, 0 of another shape or type, 0 unexpected/);
    expect(stderr).toMatch(/^ {2}layer3\.5\.bn2\.running_var: missing, the network takes float32\[256\]$/m);
  });
  test("go on with --no-strict, random where they lack", async () => {
    const args = [
      "build",
      "--backbone",
      "resnet34",
      "--weights",
      "plain.safetensors",
      "--no-strict",
      "--input-size",
      "32",
    ];
    const { code, stdout } = await run(...args, "-o", "loose.onnx");
    expect(code).toBe(0);
    expect(stdout).toMatch(/80 missing: layer1\.2\.conv1\.weight, .* and \d+ more; what the network lacks is random/);
    expect((await run("check", "loose.onnx")).code).toBe(0);
  });
  test.each([
    [
      ["--weights", "plain.safetensors", "--zoo", "timmm"],
      /there is no zoo 'timmm': choose one of \d+, the nearest being/,
    ],
    [
      ["--weights", "timm/seresnet50.a9_in1k"],
      /there is no file, folder or published weights 'timm\/seresnet50\.a9_in1k'.*timm\/seresnet50\.a\d_in1k/,
    ],
    [
      ["--weights", "timm/seresnet33ts.ra2_in1k"],
      /there is no network here yet for the weights 'timm\/seresnet33ts.ra2_in1k'/,
    ],
    [["--weights", "plain.safetensors", "--label-offset", "10"], /a label offset of 10 leaves none/],
    [[], /name a network with --backbone \(see: se-onnx list\), or give --weights/],
  ])("or that cannot be: %j", async (args, message) => {
    const { code, stderr, stdout } = await seOnnx(["build", ...args], { cwd: folder, env: { HF_HUB_OFFLINE: "1" } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("config.json beside the weights", () => {
  test("gives classes and preprocessing", async () => {
    await mkdir(join(folder, "mine"));
    await write("mine/model.safetensors", seresnet18, { classes: 2 });
    const pretrained_cfg = {
      input_size: [3, 96, 96],
      interpolation: "bicubic",
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      crop_pct: 0.9,
    };
    const config = { architecture: "seresnet18", label_names: ["cat", "dog"], pretrained_cfg };
    await writeFile(join(folder, "mine/config.json"), JSON.stringify(config));
    const built = await json("build", "--weights", "mine", "-o", "mine.onnx");
    expect(built.inputs[0].shape).toEqual(["N", 3, 96, 96]);
    expect(await metadataOf("mine.onnx")).toMatchObject({
      labels: ["cat", "dog"],
      preprocessing: { ...pretrained_cfg, crop_mode: "center" },
    });
  });
});

describe("weights SOURCE", () => {
  test("shows network, keys, types and statistics", async () => {
    const found = await json("weights", "mobile.safetensors");
    expect(found).toMatchObject({
      format: "safetensors",
      tensors: 210,
      zoo: "torchvision",
      backbone: "mobilenet_v3_small",
      classes: 1000,
      inChans: 3,
      reason: null,
    });
    expect(found.keys).toHaveLength(210);
    const bn = found.keys.find((k: { key: string }) => k.key === "features.0.1.running_var");
    expect(bn).toEqual({
      key: "features.0.1.running_var",
      type: "float32[16]",
      min: 1,
      max: 1,
      mean: 1,
      std: 0,
      nonFinite: 0,
    });
  });
  test("of a pattern's keys", async () => {
    const { code, stdout } = await run("weights", "mobile.safetensors", "features.1.*.fc1.*");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mobile\.safetensors: safetensors, 210 tensors, [\d,]+ numbers$/m);
    expect(stdout).toMatch(/network {4}mobilenet_v3_small, 1,000 classes, 3 channels; keys as in torchvision/);
    expect(stdout.match(/^features\.\S+/gm)).toEqual(["features.1.block.1.fc1.weight", "features.1.block.1.fc1.bias"]);
  });
  test("says why it is of no network here", async () => {
    const tensors = new Map([...tensorsOf(resnet18, { se: null, classes: 10 })].slice(0, 20));
    await writeSafetensors(join(folder, "part.safetensors"), tensors);
    const { code, stdout } = await run("weights", "part.safetensors");
    expect(code).toBe(0);
    expect(stdout).toMatch(/network {4}unknown: part\.safetensors is of no network here: the nearest is \w*resnet18/);
  });
});

describe("list --weights", () => {
  test("has every published checkpoint with its facts", async () => {
    const rows = await json("list", "--weights");
    expect(rows).toEqual(JSON.parse(JSON.stringify(pretrained)));
  });
  test("shows those that match, and the networks that are not built yet as such", async () => {
    const { stdout } = await run("list", "--weights", "timm/seresnet*");
    expect(stdout).toMatch(/^timm\/seresnet50\.ra2_in1k +seresnet50 .*hf:timm\/seresnet50\.ra2_in1k$/m);
    expect(stdout).toMatch(/^timm\/seresnet33ts\.ra2_in1k +\(no backbone yet\)/m);
    expect((await run("list", "--weights", "nothing*")).code).toBe(2);
  });
  test("list names the weights of each network", async () => {
    const [row] = await json("list", "seresnet50");
    expect(row.weights).toContain("timm/seresnet50.ra2_in1k");
  });
});

describe("a name from a hub", () => {
  let hub: Hub;
  const NAME = "timm/seresnet50.ra2_in1k";
  beforeAll(async () => {
    const weights = await safetensors(tensorsOf(mobilenet_v3_small));
    hub = await startHub({
      "me/mobile": {
        commit: "a".repeat(40),
        revisions: ["main"],
        files: { "model.safetensors": weights, "README.md": Buffer.from("---\nlicense: mit\n---\n") },
      },
    });
  });
  afterAll(() => hub.close());
  const fetching = (cache: string, ...args: string[]) =>
    seOnnx(args, { cwd: folder, env: { HF_ENDPOINT: hub.url, HF_HOME: join(folder, cache) } });

  test("is fetched once, and says where it is from in the model", async () => {
    const args = ["build", "--weights", "hf:me/mobile", "--json"];
    const { code, stdout } = await fetching("hf", ...args);
    expect(code).toBe(0);
    const { file, sha256 } = JSON.parse(stdout);
    expect(file).toBe("mobile.onnx");
    const { weights } = await metadataOf(file);
    expect(weights).toMatchObject({
      source: "file",
      name: "hf:me/mobile",
      zoo: "torchvision",
      revision: "a".repeat(40),
      licence: "mit",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      url: `${hub.url}/me/mobile/resolve/${"a".repeat(40)}/model.safetensors`,
    });
    const offline = await seOnnx([...args, "-o", "again.onnx"], {
      cwd: folder,
      env: { HF_HOME: join(folder, "hf"), HF_HUB_OFFLINE: "1" },
    });
    expect(JSON.parse(offline.stdout).sha256).toBeDefined();
    expect(JSON.parse(offline.stdout).parameters).toBe(JSON.parse(stdout).parameters);
    expect(sha256).toBeDefined();
  });

  test("that is not there ends in a sentence, and leaves nothing", async () => {
    const { code, stderr } = await fetching("empty", "build", "--weights", NAME);
    expect(code).toBe(2);
    expect(stderr).toMatch(/seresnet50\.ra2_in1k/);
    expect(await readdir(folder)).not.toContain("seresnet50.ra2_in1k.onnx");
  });
});
