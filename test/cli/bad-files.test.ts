import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { encodeNpy } from "../../src/infer/npy.js";
import { modelOf } from "../export/plain.js";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const SOUND = fileURLToPath(new URL("../graph/goldens/exported-se/view-expand.onnx", import.meta.url));
const folder = await temporaryFolder();
const cwd = join(folder, "models");
beforeAll(async () => {
  await mkdir(cwd);
  await writeFile(join(folder, "secret"), new Uint8Array(8));
  await symlink(join(folder, "secret"), join(cwd, "link"));
  await writeFile(join(cwd, "short"), new Uint8Array(8));
  const x = { dtype: "float32", shape: [2], data: new Float32Array(2) } as const;
  await writeFile(join(cwd, "x.npy"), encodeNpy(x));
});

const COMMANDS = {
  optimize: (file: string) => ["optimize", file, "never.onnx"],
  info: (file: string) => ["info", file],
  run: (file: string) => ["run", file, "--input", "x=x.npy"],
} as const;
type Command = keyof typeof COMMANDS;

const node = (op_type: string, input: string[], output: string[]): object => ({
  op_type,
  input,
  output,
  name: op_type,
});
const value = (name: string): object => ({
  name,
  type: { tensor_type: { elem_type: 1, shape: { dim: [{ dim_value: 2 }] } } },
});
const model = (graph: object, rest: object = {}): Uint8Array =>
  modelOf({ input: [value("x")], output: [value("y")], ...graph }, rest);
const relu = node("Relu", ["x"], ["y"]);
/** y = Relu(x), and a tensor that is not what it says. */
const withTensor = (dims: number[], rest: object): Uint8Array =>
  model({ node: [relu], initializer: [{ name: "w", dims, data_type: 1, ...rest }] });
const external = (location: string, more: readonly object[] = []): Uint8Array =>
  withTensor([2], { data_location: 1, external_data: [{ key: "location", value: location }, ...more] });
const TEN_GIB = 10 * 2 ** 30;

/** A file, what every command says of it, and the commands that can do with it. */
const FILES: readonly (readonly [what: string, bytes: Uint8Array, says: RegExp, fine?: readonly Command[]])[] = [
  ["text", new TextEncoder().encode("not a model\n"), /cannot be read as an ONNX model/],
  ["nothing", new Uint8Array(), /cannot be read as an ONNX model: this is no ONNX model/],
  ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), /cannot be read as an ONNX model/],
  [
    "a cycle",
    model({ node: [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["y"])] }),
    /the graph has a cycle/,
  ],
  ["a name made twice", model({ node: [relu, node("Neg", ["x"], ["y"])] }), /'y'/],
  ["a name that nothing makes", model({ node: [node("Relu", ["z"], ["y"])] }), /reads 'z', which nothing makes/],
  ["ten gigabytes in a short file", withTensor([TEN_GIB / 4], { raw_data: new Uint8Array(8) }), /'w'/],
  ["fewer bytes than its tensor has", withTensor([4], { raw_data: new Uint8Array(8) }), /'w'/],
  ["more bytes than its tensor has", withTensor([1], { raw_data: new Uint8Array(12) }), /'w'/],
  ["a length below zero", withTensor([-2], { raw_data: new Uint8Array(8) }), /'w'/],
  ["data outside its folder", external("../secret"), /'..\/secret' are refused, since that is outside/],
  ["data by an absolute path", external(join(folder, "secret")), /refused|outside/],
  ["data by a link that leads outside", external("link"), /refused|outside|link/],
  ["data in a file that is not there", external("none"), /'none'|none/],
  ["data past the end of its file", external("short", [{ key: "length", value: `${TEN_GIB}` }]), /'w'/],
  [
    "an opset of the future",
    model({ node: [relu] }, { opset_import: [{ domain: "", version: 99 }] }),
    /opset 99|opset .*99/i,
    ["info"], // what is in it can be told
  ],
];

test.concurrent.each(
  FILES.flatMap(([what, bytes, says, fine = []]) =>
    (["optimize", "info", "run"] as const).filter((c) => !fine.includes(c)).map((c) => [c, what, bytes, says] as const),
  ),
)("%s: %s", async (command, what, bytes, says) => {
  const file = `${what.replaceAll(" ", "-")}-${command}.onnx`;
  await writeFile(join(cwd, file), bytes);
  const { code, stdout, stderr } = await seOnnx(COMMANDS[command](file), { cwd });
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error: [^\n]*\n$/);
  expect(stderr).toMatch(says);
  expect(await readdir(cwd)).not.toContain("never.onnx");
});

test("a file cut anywhere", async () => {
  const whole = await readFile(SOUND);
  const cuts = [1, 20, 500, 3000, whole.length - 1].map(async (length) => {
    const file = `cut-${length}.onnx`;
    await writeFile(join(cwd, file), whole.subarray(0, length));
    for (const command of ["optimize", "info", "run"] as const) {
      const { code, stderr } = await seOnnx(COMMANDS[command](file), { cwd });
      expect([length, command, code]).toEqual([length, command, 2]);
      expect(stderr).toMatch(/^error: [^\n]*\n$/);
    }
  });
  await Promise.all(cuts);
  expect(await readdir(cwd)).not.toContain("never.onnx");
});
