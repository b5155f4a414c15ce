import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CHUNK } from "../../src/export/encode.js";
import { externalBytes, mustBeExternal, planExternal } from "../../src/export/external.js";
import { readModel } from "../../src/export/node/read-model.js";
import { writeModel } from "../../src/export/node/write-model.js";
import { UserError } from "../../src/graph/error.js";
import { Graph } from "../../src/graph/graph.js";
import { lazyTensor, readAll, type Tensor } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";
import { temporaryFolder } from "../cli/se-onnx.js";
import { modelOf } from "./plain.js";

const folder = await temporaryFolder();
/** An empty folder for one test. */
async function fresh(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

/** `count` float32 elements, each byte of which is computed from `seed` and its place. */
const pattern = (count: number, seed: number): Tensor =>
  lazyTensor(f32(count), async (start, end) =>
    Uint8Array.from({ length: end - start }, (_, i) => ((start + i) * 31 + seed) % 251),
  );

/** A graph of five constants, one in a body, one as an input's default. */
function sample(seed = 0): Graph {
  const graph = new Graph("g");
  const [a, short, b] = [
    graph.constant("a", pattern(300_000, seed)),
    graph.constant("short", pattern(255, 1)),
    graph.constant("b", pattern(1025, 2)),
  ];
  graph.defaults.set(graph.input("x", f32(1024)), pattern(1024, 3));
  const body = new Graph("body", { parent: graph });
  const c = body.constant("c", pattern(256, 4));
  const sum = body.add({
    op: "Concat",
    name: "concat",
    inputs: [a, b, c, short],
    outputs: [{ name: "y", type: null }],
  });
  for (const v of sum.outputs) body.output(v);
  const attributes = { then_branch: { kind: "graph", value: body } } as const;
  for (const v of graph.add({ op: "If", name: "if", inputs: [a], outputs: [{ name: "out", type: null }], attributes })
    .outputs)
    graph.output(v);
  return graph;
}
const tensorsOf = (graph: Graph): readonly Tensor[] => {
  const own = [...graph.constants.map((v) => v.constant), ...graph.defaults.values()];
  const inner = graph.nodes
    .flatMap((n) => Object.values(n.attributes))
    .flatMap((a) => (a.kind === "graph" ? tensorsOf(a.value) : []));
  return [...own.flatMap((t) => (t ? [t] : [])), ...inner];
};
async function expectSame(graph: Graph, expected: Graph): Promise<void> {
  const [found, wanted] = [tensorsOf(graph), tensorsOf(expected)];
  expect(found.map((t) => t.shape)).toEqual(wanted.map((t) => t.shape));
  for (const [i, t] of found.entries()) {
    const other = wanted[i];
    if (other) expect(Buffer.compare(await readAll(t), await readAll(other)), `tensor ${i}`).toBe(0);
  }
}

describe("the plan", () => {
  test("puts tensors of 1 KiB and more at multiples of 4096, each once, those of bodies and defaults included", () => {
    const graph = sample();
    const a = graph.constants[0]?.constant;
    if (a) graph.constant("again", a);
    const { offsets, byteLength } = planExternal(graph);
    expect([...offsets].map(([t, offset]) => [t.byteLength, offset])).toEqual([
      [1_200_000, 0],
      [4100, 1_200_128],
      [4096, 1_208_320],
      [1024, 1_212_416],
    ]);
    expect(byteLength).toBe(1_212_416 + 1024);
  });
  test("is the file that externalBytes gives, with zeros between the tensors", async () => {
    const plan = planExternal(sample());
    const chunks: Uint8Array[] = [];
    for await (const chunk of externalBytes(plan, 100_000)) chunks.push(chunk.slice());
    const file = Buffer.concat(chunks);
    expect(Math.max(...chunks.map((c) => c.length))).toBeLessThanOrEqual(100_000);
    expect(file.length).toBe(plan.byteLength);
    const expected = Buffer.alloc(plan.byteLength);
    for (const [t, offset] of plan.offsets) expected.set(await readAll(t), offset);
    expect(file.equals(expected)).toBe(true);
  });
  test("is needed where constants exceed what an .onnx file can hold", () => {
    const of = (bytes: number): Graph => {
      const graph = new Graph("g");
      const never = lazyTensor(f32(bytes / 8), () => Promise.reject(new Error("is not read")));
      graph.constant("a", never);
      graph.constant("b", never);
      return graph;
    };
    expect(mustBeExternal(of(2 ** 31))).toBe(true);
    expect(mustBeExternal(of(2 ** 31 - 2 ** 26))).toBe(false);
    expect(mustBeExternal(of(2 ** 31 - 2 ** 26 + 8))).toBe(true);
  });
});

describe("a model with external data", () => {
  test("is named by its content, aligned, and read back", async () => {
    const path = join(await fresh("read-back"), "m.onnx");
    const { dataFile, bytes, sha256 } = await writeModel(sample(), path, { externalData: true });
    const data = await readFile(join(path, "..", dataFile ?? ""));
    expect(dataFile).toBe(`m-${createHash("sha256").update(data).digest("hex").slice(0, 8)}.data`);
    const model = await readFile(path);
    expect([bytes, sha256]).toEqual([model.length + data.length, createHash("sha256").update(model).digest("hex")]);
    expect(model.length).toBeLessThan(3000);
    const read = await readModel(path);
    expect(read.dataFiles).toEqual([dataFile]);
    await expectSame(read.graph, sample());
    await read.close();
  });
  test("leaves no data of the version before behind, nor of one that kept all in one file", async () => {
    const at = await fresh("replaced");
    const path = join(at, "m.onnx");
    for (const other of ["m-0123abcd.data.txt", "n-0123abcd.data", "m-x-0123abcd.data", "m.data"])
      await writeFile(join(at, other), "");
    const others = await readdir(at);
    const [first, second] = [
      await writeModel(sample(1), path, { externalData: true }),
      await writeModel(sample(2), path, { externalData: true }),
    ];
    expect(first.dataFile).not.toBe(second.dataFile);
    expect(await readdir(at)).toEqual([...others, "m.onnx", second.dataFile].sort());
    expect((await writeModel(sample(2), path, { externalData: true })).dataFile).toBe(second.dataFile);
    expect(await readdir(at)).toEqual([...others, "m.onnx", second.dataFile].sort());
    await writeModel(sample(2), path);
    expect(await readdir(at)).toEqual([...others, "m.onnx"].sort());
  });
  test("can be written over itself while it is read", async () => {
    const path = join(await fresh("itself"), "m.onnx");
    await writeModel(sample(), path, { externalData: true });
    for (const externalData of [true, false, true]) {
      const read = await readModel(path);
      await writeModel(read.graph, path, { externalData });
      await read.close();
    }
    const read = await readModel(path);
    await expectSame(read.graph, sample());
    await read.close();
  });
  test("has no data file where no tensor is long", async () => {
    const at = await fresh("short");
    expect((await writeModel(new Graph("g"), join(at, "m.onnx"), { externalData: true })).dataFile).toBeNull();
    expect(await readdir(at)).toEqual(["m.onnx"]);
  });
});

describe("external data is refused", () => {
  const lives = (location: string, rest: readonly (readonly [string, string])[] = []): Uint8Array =>
    modelOf({
      initializer: [
        {
          name: "w",
          dims: [2],
          data_type: 1,
          data_location: 1,
          external_data: [["location", location], ...rest].map(([key, value]) => ({ key, value })),
        },
      ],
    });
  /** What reading a model says whose tensor lives at `location`. */
  async function refusal(
    at: string,
    location: string,
    rest?: readonly (readonly [string, string])[],
  ): Promise<unknown> {
    await writeFile(join(at, "m.onnx"), lives(location, rest));
    return readModel(join(at, "m.onnx")).then(
      (m) => m.close(),
      (e: unknown) => e,
    );
  }
  const saying = (text: string): unknown =>
    expect.objectContaining({ name: "UserError", message: expect.stringContaining(text) });

  test("where its name leads out of the model's folder", async () => {
    const at = await fresh("outside");
    await writeFile(join(folder, "secret.data"), Buffer.alloc(8));
    for (const location of [
      join(folder, "secret.data"),
      "../secret.data",
      "a/../../secret.data",
      "..",
      "..\\secret.data",
    ])
      expect(await refusal(at, location)).toEqual(
        saying(`tensors in '${location}' are refused, since that is outside the model's folder`),
      );
  });
  test("where a symbolic link leads out of the model's folder", async () => {
    const at = await fresh("linked");
    await writeFile(join(folder, "target.data"), Buffer.alloc(8));
    await symlink("../target.data", join(at, "file.data"));
    await symlink("..", join(at, "up"));
    for (const location of ["file.data", "up/target.data"])
      expect(await refusal(at, location)).toEqual(saying(`tensors in '${location}' are refused`));
  });
  test("but not where it is below the folder, or where a download cache keeps model and data as links into one folder", async () => {
    const at = await fresh("cache");
    await mkdir(join(at, "below"));
    await writeFile(join(at, "below", "w.data"), Buffer.alloc(8));
    expect(await refusal(at, "below/w.data")).toBeUndefined();
    await symlink("below/w.data", join(at, "inside.data"));
    expect(await refusal(at, "./inside.data")).toBeUndefined();
    const [blobs, snapshot] = [join(at, "blobs"), join(at, "snapshot")];
    await Promise.all([mkdir(blobs), mkdir(snapshot)]);
    await writeFile(join(blobs, "1"), lives("w.data"));
    await writeFile(join(blobs, "2"), Buffer.alloc(8));
    await symlink("../blobs/1", join(snapshot, "m.onnx"));
    await symlink("../blobs/2", join(snapshot, "w.data"));
    const model = await readModel(join(snapshot, "m.onnx"));
    expect(model.graph.constants).toHaveLength(1);
    await model.close();
  });
  test("where it is missing, too short or a folder", async () => {
    const at = await fresh("missing");
    const prefix = `'${join(at, "m.onnx")}' cannot be read as an ONNX model: `;
    expect(await refusal(at, "w.data")).toEqual(saying(`${prefix}there is no file '${join(at, "w.data")}'`));
    await writeFile(join(at, "w.data"), Buffer.alloc(7));
    expect(await refusal(at, "w.data")).toEqual(
      saying(`${prefix}the tensor 'w' takes bytes 0 to 8 of 'w.data', which has 7`),
    );
    expect(
      await refusal(at, "w.data", [
        ["offset", "4"],
        ["length", "3"],
      ]),
    ).toEqual(saying("the tensor 'w' is float32[2], which takes 8 bytes, but 3 are there"));
    expect(await refusal(at, "w.data", [["offset", "1e3"]])).toEqual(
      saying("from byte '1e3' on, which are no numbers"),
    );
    expect(await refusal(at, "w.data", [["offset", "99999999999999999999"]])).toEqual(
      saying("of 'w.data', which has 7"),
    );
    await mkdir(join(at, "folder"));
    expect(await refusal(at, "folder")).toEqual(saying("is a folder, not a file"));
  });
  test("where it has changed since the model was read", async () => {
    const at = await fresh("changed");
    const path = join(at, "m.onnx");
    const { dataFile } = await writeModel(sample(), path, { externalData: true });
    const data = join(at, dataFile ?? "");
    const read = await readModel(path);
    const a = read.graph.constants[0]?.constant;
    expect(a?.byteLength).toBeGreaterThan(CHUNK);
    await truncate(data, 1_208_000);
    await expect(a?.read(0, 1000)).rejects.toThrow(new UserError(`'${data}' has changed while it was being read`));
    await expect(writeModel(read.graph, path, { externalData: true })).rejects.toThrow(
      "has changed while it was being read",
    );
    expect((await readdir(at)).sort()).toEqual([dataFile, "m.onnx"].sort());
    await read.close();
    await expect(readModel(path)).rejects.toThrow("which has 1208000");
  });
  test("but a file put in its place leaves what was opened as it was", async () => {
    const at = await fresh("put-in-place");
    const path = join(at, "m.onnx");
    await writeModel(sample(), path);
    const read = await readModel(path);
    await writeFile(join(at, "new"), "other");
    await rename(join(at, "new"), path);
    await expectSame(read.graph, sample());
    await rm(path);
    await expectSame(read.graph, sample());
    await read.close();
    await expect(read.graph.constants[0]?.constant?.read(0, 4)).rejects.toThrow("cannot be read");
  });
});
