import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { cifar_resnet20 } from "../../models/cifar-resnet.js";
import { buildModel } from "../../src/build.js";
import { encodeToBytes } from "../../src/export/encode.js";
import { dataType } from "../../src/graph/dtype.js";
import { Graph } from "../../src/graph/graph.js";
import { add } from "../../src/graph/ops/add.js";
import { cast } from "../../src/graph/ops/cast.js";
import { flatten } from "../../src/graph/ops/flatten.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { f32, type Type, tensorType } from "../../src/graph/type.js";
import { photo, seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const run = (...args: string[]) => seOnnx(["run", ...args], { cwd: folder });

/** The inputs of these types, added up, as float32. */
function network(...types: readonly Type[]): Graph {
  const graph = new Graph("foreign");
  const [first, second] = types.map((type, i) => graph.input(`x${i}`, type));
  if (!first) throw new Error("a network has an input");
  graph.output(cast(second ? add(first, second, { name: "sum" }) : first, { to: dataType("float32"), name: "y" }));
  return graph;
}
const images = f32("N", 3, 32, 32);
const RAW = "not one batch of images .*: use run for raw tensors";
const REFUSED: readonly (readonly [what: string, graph: Graph, sentence: string])[] = [
  ["maps for outputs", network(images), "the model's output is float32\\[1,3,32,32\\], .*: use run for raw tensors"],
  ["two inputs", network(images, images), `the model takes x0: .*, x1: .*, ${RAW}`],
  [
    "float16 for input",
    network(tensorType("float16", ["N", 3, 32, 32])),
    `the model takes x0: float16\\[N,3,32,32\\], ${RAW}`,
  ],
  ["channels at the end", network(f32("N", 32, 32, 3)), `the model takes x0: float32\\[N,32,32,3\\], ${RAW}`],
  [
    "bytes with channels first",
    network(tensorType("uint8", ["N", 3, 32, 32])),
    `the model takes x0: uint8\\[N,3,32,32\\], ${RAW}`,
  ],
  [
    "an embedding",
    buildModel("cifar_resnet20", cifar_resnet20, { classes: 0 }).graph,
    "the model gives an embedding and no classes: use run",
  ],
];
beforeAll(async () => {
  const other = new Graph("other");
  other.output(flatten(globalAveragePool(other.input("anything", f32(null, 3, null, null))), { name: "scores" }));
  await writeFile(join(folder, "other.onnx"), await encodeToBytes(other));
});

test.each(REFUSED)("a model with %s is refused in one sentence, with exit code 2", async (_, graph, sentence) => {
  await writeFile(join(folder, "m.onnx"), await encodeToBytes(graph));
  const { code, stdout, stderr } = await run("m.onnx", photo("rocket.jpg"));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^error: ${sentence}[^\\n]*\\n$`));
});

test("a model of other names, open sizes and no metadata runs; a device that is not here does not", async () => {
  expect(await run("other.onnx", photo("rocket.jpg"), "--top-k", "3")).toMatchObject({ code: 0 });
  const { code, stderr } = await run("other.onnx", photo("rocket.jpg"), "--device", "tensorrt");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: tensorrt [^\n]*\n$/);
});

test("tensors that are not beside their model are named, with exit code 2", async () => {
  await seOnnx(["build", "--backbone", "cifar_resnet20", "--external-data", "-o", "ext.onnx"], { cwd: folder });
  const bytes = await readFile(join(folder, "ext.onnx"));
  await writeFile(
    join(folder, "alone.onnx"),
    Buffer.from(bytes.toString("latin1").replaceAll("ext-", "txe-"), "latin1"),
  );
  expect(await run("alone.onnx", photo("rocket.jpg"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: 'alone\.onnx' cannot be read as an ONNX model: there is no file 'txe-[0-9a-f]{8}\.data'[^\n]*\n$/,
    ),
  });
});
