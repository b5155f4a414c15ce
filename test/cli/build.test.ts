import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { MAIN, seOnnx, temporaryFolder } from "./se-onnx.js";

const command = promisify(execFile);
const folder = await temporaryFolder();
const run = (...args: string[]) => seOnnx(args, { cwd: folder });
const SMALL = ["build", "--backbone", "resnet18", "--input-size", "64", "--classes", "10"];

describe("build", () => {
  test("writes the file that its JSON describes", async () => {
    const { code, stdout, stderr } = await run("build", "--backbone", "resnet50", "--r", "16", "--json");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      file: "se_resnet50_r16.onnx",
      backbone: "resnet50",
      se: {
        r: 16,
        blocks: 16,
        squeeze: "avg",
        excitation: "sigmoid",
        integration: "standard",
        stages: "all",
        bias: false,
      },
      opset: 18,
      irVersion: 8,
      inputs: [{ name: "input", dtype: "float32", shape: ["N", 3, 224, 224] }],
      outputs: [{ name: "logits", dtype: "float32", shape: ["N", 1000] }],
      parameters: 28_071_976,
      seParameters: 2_514_944,
    });
    const bytes = await readFile(join(folder, result.file));
    expect(bytes.length).toBe(result.bytes);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(result.sha256);
  });

  test("the same options and seed give the same bytes, another seed others", async () => {
    const hash = async (...more: string[]) => JSON.parse((await run(...SMALL, ...more, "--json")).stdout).sha256;
    const first = await hash();
    expect(await hash("-o", "again.onnx")).toBe(first);
    expect(await hash("--seed", "1", "-o", "other.onnx")).not.toBe(first);
  });

  test("--external-data puts tensors beside the file, and check reads them there", async () => {
    const { dataFile } = JSON.parse((await run(...SMALL, "--external-data", "-o", "ext.onnx", "--json")).stdout);
    expect(dataFile).toMatch(/^ext-[0-9a-f]{8}\.data$/);
    expect((await run("check", "ext.onnx")).code).toBe(0);
    expect((await run("compare", "ext.onnx", "se_resnet18_r16.onnx", "--json")).code).toBe(0);
    expect((await stat(join(folder, "ext.onnx"))).size).toBeLessThan(200_000);
  });

  test("--input-type uint8 --softmax write preprocessing into the graph, and info says so", async () => {
    const { stdout } = await run(...SMALL, "--input-type", "uint8", "--softmax", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      file: "se_resnet18_r16_uint8_softmax.onnx",
      inputs: [{ name: "input", dtype: "uint8", shape: ["N", 64, 64, 3] }],
      outputs: [{ name: "probabilities", dtype: "float32", shape: ["N", 10] }],
      normalize: true,
      softmax: true,
    });
    expect((await run("info", "se_resnet18_r16_uint8_softmax.onnx")).stdout).toContain(
      "centre 64x64; bytes, to which the graph applies mean 0.485 0.456 0.406, std 0.229 0.224 0.225\n",
    );
  });

  test("--dry-run writes nothing", async () => {
    const before = await readdir(folder);
    const { code, stdout } = await run(...SMALL, "--dry-run", "-o", "dry.onnx", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file: null, bytes: null });
    expect(await readdir(folder)).toEqual(before);
  });

  test("Ctrl-C exits with 130, leaves the old file and nothing else", async () => {
    await writeFile(join(folder, "old.onnx"), "old");
    const others = await readdir(folder);
    const result = await seOnnx(["build", "--backbone", "resnet152", "-o", "old.onnx"], {
      cwd: folder,
      interruptWhen: async () => (await readdir(folder)).some((name) => name.endsWith(".tmp")),
    });
    expect(result).toMatchObject({ code: 130, stderr: "interrupted: nothing unfinished was put in place\n" });
    expect(await readFile(join(folder, "old.onnx"), "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(others);
  });
});

describe("build refuses, in one sentence and with exit code 2,", () => {
  test.each([
    ["an unknown backbone", ["--backbone", "resnet5"], /no backbone 'resnet5': .*resnet50/],
    ["an unknown option", ["--backbone", "resnet18", "--sebias"], /unknown option '--sebias'.*--se-bias/s],
    ["no backbone", [], /name a network with --backbone/],
    ["an r that leaves no hidden unit", ["--backbone", "resnet50", "--r", "257"], /r = 257 .*divides 256/],
    ["r = 0", ["--backbone", "resnet50", "--r", "0"], /'0' is invalid.*from 1 up/],
    ["a stage that is not there", ["--backbone", "resnet50", "--se-stages", "3,6"], /no stage 6: .*2, 3, 4, 5/],
    ["a size too small", ["--backbone", "resnet50", "--input-size", "31"], /31x31 is too small.*32x32/],
    ["an opset out of range", ["--backbone", "resnet50", "--opset", "12"], /opset 12 .*13 to 23/],
    ["a missing folder", ["--backbone", "resnet18", "-o", "no/x.onnx"], /folder 'no' does not exist/],
    ["a folder as output", ["--backbone", "resnet18", "-o", "."], /cannot write '\.'/],
    [
      "weights that are not there",
      ["--backbone", "resnet18", "--weights", "no.safetensors"],
      /no file or folder 'no.safetensors'/,
    ],
    [
      "labels that do not fit",
      ["--backbone", "resnet18", "--classes", "10", "--labels", "imagenet"],
      /1000 labels, but 10 classes/,
    ],
  ])("%s", async (_, args, message) => {
    const before = await readdir(folder);
    const { code, stdout, stderr } = await run("build", ...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(await readdir(folder)).toEqual(before);
  });

  test("weights of another network, with every key that does not fit", async () => {
    const header = JSON.stringify({
      "conv1.weight": { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      stranger: { dtype: "F32", shape: [], data_offsets: [8, 12] },
    });
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    await writeFile(join(folder, "w.safetensors"), Buffer.concat([size, Buffer.from(header), Buffer.alloc(12)]));
    const { code, stderr } = await run(...SMALL, "--weights", "w.safetensors");
    expect(code).toBe(2);
    expect(stderr).toMatch(/conv1.weight: the network takes float32\[64,3,7,7\], the file has float32\[2\]/);
    expect(stderr).toMatch(/stranger: not in the network/);
    expect(stderr).toMatch(/layer4.1.bn2.weight: missing/);
  });
});

test("a full disk is said so, and nothing is left on it", async ({ skip }) => {
  const disk = join(folder, "disk");
  await mkdir(disk);
  const mounted = await command("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).catch(() => null);
  if (!mounted) skip("making a small disk takes root and mount");
  try {
    const { code, stderr } = await seOnnx([...SMALL, "-o", join(disk, "x.onnx")], { cwd: folder });
    expect(stderr).toMatch(/cannot write '.*x\.onnx': the disk is full/);
    expect(code).toBe(2);
    expect(await readdir(disk)).toEqual([]);
  } finally {
    await command("umount", [disk]);
  }
});

test("a file larger than the system allows is said so", async ({ skip }) => {
  if (process.platform === "win32") skip("needs ulimit");
  const limited = `ulimit -f 2000; exec "${process.execPath}" "${MAIN}" ${SMALL.join(" ")} -o limited.onnx`;
  await expect(command("sh", ["-c", limited], { cwd: folder })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/cannot write 'limited\.onnx': it would be larger/),
  });
  expect((await readdir(folder)).filter((name) => name.includes("limited"))).toEqual([]);
});

describe("--target", () => {
  const net = ["--backbone", "cifar_resnet20", "--batch", "2"];
  test.each(["cpu", "ort-cpu", "webgpu", "wasm"])(
    "%s: the same network in another form, named in its file",
    async (target) => {
      const build = (...args: string[]) => seOnnx(["build", ...net, ...args], { cwd: folder });
      await build("-o", "usual.onnx");
      const { code, stdout } = await build("--target", target);
      expect([code, stdout]).toEqual([0, expect.stringContaining(`wrote se_cifar_resnet20_r16_${target}.onnx`)]);
      const file = `se_cifar_resnet20_r16_${target}.onnx`;
      const { metadata } = JSON.parse((await seOnnx(["info", file, "--json"], { cwd: folder })).stdout);
      expect(metadata["se-onnx.target"]).toBe(`"${target}"`);
      expect((await seOnnx(["compare", "usual.onnx", file], { cwd: folder })).code).toBe(0);
    },
  );
  test("portable is the default, byte for byte; ort-cpu needs a batch", async () => {
    const sha = async (...args: string[]) =>
      JSON.parse((await seOnnx(["build", ...net, "-o", "a.onnx", "--json", ...args], { cwd: folder })).stdout).sha256;
    expect(await sha("--target", "portable")).toBe(await sha());
    const open = await seOnnx(["build", "--backbone", "cifar_resnet20", "--target", "ort-cpu"], { cwd: folder });
    expect([open.code, open.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: the target ort-cpu is for a batch that is known/),
    ]);
  });
});
