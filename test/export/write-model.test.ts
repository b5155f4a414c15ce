import { execFileSync } from "node:child_process";
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { openRanged, writePending } from "../../src/export/node/file.js";
import { readModel } from "../../src/export/node/read-model.js";
import { writeModel } from "../../src/export/node/write-model.js";
import { windowed } from "../../src/export/windowed.js";
import { UserError } from "../../src/graph/error.js";
import { Graph } from "../../src/graph/graph.js";
import { float32s, lazyTensor, type Ranged } from "../../src/graph/tensor.js";
import { f32 } from "../../src/graph/type.js";
import { temporaryFolder } from "../cli/se-onnx.js";

/** What the tests do to the file system: the paths that were renamed to, a rename that fails, a disk that is full. */
const disk = vi.hoisted(() => ({ renamed: [] as string[], refuse: null as RegExp | null, full: false }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: (path: string, flags: string) =>
      disk.full && flags === "wx" ? real.open("/dev/full", "w") : real.open(path, flags),
    rename: async (from: string, to: string) => {
      if (disk.refuse?.test(to))
        throw Object.assign(new Error("rename refused"), { code: "EACCES", syscall: "rename" });
      disk.renamed.push(to);
      return real.rename(from, to);
    },
  };
});
beforeEach(() => Object.assign(disk, { renamed: [], refuse: null, full: false }));

const folder = await temporaryFolder();
let count = 0;
/** A folder that holds an older version of a model, with or without external data. */
async function older(
  externalData: boolean,
): Promise<{ path: string; files: () => Promise<Readonly<Record<string, string>>> }> {
  const path = join(folder, `${count++}`, "m.onnx");
  await mkdir(dirname(path));
  await writeModel(
    model((start, end) => new Uint8Array(end - start).fill(1)),
    path,
    { externalData },
  );
  disk.renamed.length = 0;
  const files = async (): Promise<Readonly<Record<string, string>>> => {
    const names = await readdir(dirname(path));
    return Object.fromEntries(
      await Promise.all(
        names.map(async (n) => [n, (await readFile(join(dirname(path), n))).toString("base64")] as const),
      ),
    );
  };
  return { path, files };
}
/** A graph of 5 MB, whose bytes `read` gives. */
function model(read: (start: number, end: number) => Uint8Array): Graph {
  const graph = new Graph("g");
  for (const name of ["a", "b"])
    graph.constant(
      name,
      lazyTensor(f32(640_000), async (start, end) => read(start, end)),
    );
  return graph;
}
const good = (): Graph => model((start, end) => new Uint8Array(end - start).fill(2));
/** A graph whose second half throws. */
function failing(error: Error): Graph {
  let reads = 0;
  return model((start, end) => {
    if (++reads > 4) throw error;
    return new Uint8Array(end - start);
  });
}

describe.each([false, true])("with external data: %s", (externalData) => {
  test("a write that fails in the middle leaves what was there, and nothing else", async () => {
    const { path, files } = await older(externalData);
    const before = await files();
    for (const error of [new UserError("the weights are gone"), new TypeError("a fault of ours")])
      await expect(writeModel(failing(error), path, { externalData })).rejects.toBe(error);
    expect(await files()).toEqual(before);
  });
  test("one that is stopped says why it was", async () => {
    const { path, files } = await older(externalData);
    const before = await files();
    const stop = new AbortController();
    const reason = new Error("Ctrl-C");
    const progress: number[] = [];
    const onProgress = (bytes: number): void => {
      progress.push(bytes);
      if (bytes > 2_000_000) stop.abort(reason);
    };
    await expect(writeModel(good(), path, { externalData, signal: stop.signal, onProgress })).rejects.toBe(reason);
    await expect(writeModel(good(), path, { externalData, signal: stop.signal })).rejects.toBe(reason);
    expect(progress.length).toBeGreaterThan(1);
    expect(await files()).toEqual(before);
  });
  test("a full disk is called that", async () => {
    const { path, files } = await older(externalData);
    const before = await files();
    disk.full = true;
    await expect(writeModel(good(), path, { externalData })).rejects.toThrow(
      new UserError(`cannot write '${path}': the disk is full`),
    );
    expect(await files()).toEqual(before);
  });
  test("where the file cannot be put in place, nothing new is left", async () => {
    const { path, files } = await older(externalData);
    const before = await files();
    for (const refuse of [/m\.onnx$/, ...(externalData ? [/\.data$/] : [])]) {
      disk.refuse = refuse;
      await expect(writeModel(good(), path, { externalData })).rejects.toThrow("writing there is not permitted");
      expect(await files()).toEqual(before);
      await expect(
        writeModel(
          model((start, end) => new Uint8Array(end - start).fill(1)),
          path,
          { externalData },
        ),
      ).rejects.toThrow(UserError); // the same data
      expect(await files()).toEqual(before);
    }
  });
  test("files are put in place whole, the model last", async () => {
    const { path } = await older(externalData);
    const { dataFile } = await writeModel(good(), path, { externalData });
    expect(disk.renamed).toEqual([...(dataFile ? [join(dirname(path), dataFile)] : []), path]);
    expect((await readdir(dirname(path))).sort()).toEqual([...(dataFile ? [dataFile] : []), "m.onnx"].sort());
  });
});

describe("a target that cannot be written", () => {
  const refusal = (path: string): Promise<unknown> =>
    writeModel(good(), path).then(
      () => null,
      (e: unknown) => e,
    );

  test.skipIf(process.platform === "win32")("puts nothing in the place of a pipe", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const kind = (path: string) => lstat(path).then((s) => [s.isFIFO(), s.isSymbolicLink()]);
    await symlink(pipe, join(folder, "to-pipe"));
    for (const [path, before] of [
      [pipe, [true, false]],
      [join(folder, "to-pipe"), [false, true]],
    ] as const) {
      await expect(writeModel(good(), path)).rejects.toThrow(
        new UserError(`cannot write '${path}': it is a device or a pipe: name a file`),
      );
      expect(await kind(path)).toEqual(before);
    }
  });
  test.skipIf(process.platform === "win32")("follows a link, external data too", async () => {
    const { path } = await older(true);
    const link = join(folder, `link-${count++}.onnx`);
    await symlink(path, link);
    const { dataFile } = await writeModel(good(), link, { externalData: true });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readdir(dirname(path))).toEqual(expect.arrayContaining(["m.onnx", dataFile]));
    await (await readModel(path)).close();
  });
  test("a folder that is not there, a file for a folder, a folder for a file", async () => {
    const { path } = await older(false);
    const missing = join(folder, "missing", "m.onnx");
    expect(await refusal(missing)).toEqual(
      new UserError(`cannot write '${missing}': the folder '${dirname(missing)}' does not exist: make it first`),
    );
    expect(await refusal(join(path, "m.onnx"))).toEqual(
      new UserError(`cannot write '${join(path, "m.onnx")}': '${path}' is no folder`),
    );
    expect(await refusal(dirname(path))).toEqual(new UserError(`cannot write '${dirname(path)}': it is a folder`));
    expect(await readdir(dirname(path))).toEqual(["m.onnx"]);
  });
  test("a folder that may not be written to", async () => {
    const { path, files } = await older(false);
    const before = await files();
    const root = process.getuid?.() === 0; // may write to any folder, but not to /proc
    const target = root ? "/proc/self/m.onnx" : path;
    await chmod(dirname(path), 0o555);
    expect(await refusal(target)).toEqual(
      expect.objectContaining({ name: "UserError", message: expect.stringMatching(/^cannot write '.*m\.onnx': /) }),
    );
    await chmod(dirname(path), 0o755);
    expect(await files()).toEqual(before);
  });
});

test("a pending file is put in place or taken away when it is told to", async () => {
  const target = join(folder, "pending");
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1, 2);
    yield Uint8Array.of(3);
  };
  const [one, two] = [await writePending(target, chunks()), await writePending(target, chunks())];
  expect(await readFile(target).catch(() => null)).toBeNull();
  await one.discard();
  await two.place(target);
  expect([...(await readFile(target))]).toEqual([1, 2, 3]);
  expect(two).toMatchObject({ bytes: 3, sha256: "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81" });
  expect((await readdir(folder)).filter((n) => n.includes("pending"))).toEqual(["pending"]);
});

describe("opening a file", () => {
  test("that is not there, a folder, a pipe or no model is refused by name", async () => {
    await expect(openRanged(join(folder, "none"))).rejects.toThrow(
      new UserError(`there is no file '${join(folder, "none")}'`),
    );
    await expect(openRanged(folder)).rejects.toThrow(new UserError(`'${folder}' is a folder, not a file`));
    await expect(openRanged("/dev/null")).rejects.toThrow(new UserError("'/dev/null' is no regular file, not a file"));
    const text = join(folder, "text.onnx");
    await writeFile(text, "this is no model");
    await expect(readModel(text)).rejects.toThrow(
      new RegExp(`^'${text}' cannot be read as an ONNX model: ModelProto .* \\(at byte 0\\)$`),
    );
    await symlink(text, join(folder, "link.onnx"));
    await expect(readModel(join(folder, "link.onnx"))).rejects.toThrow(UserError);
  });
  test("gives ranges, in memory of the caller where that is given", async () => {
    const path = join(folder, "numbers");
    await writeFile(
      path,
      Uint8Array.from({ length: 100 }, (_, i) => i),
    );
    const file = await openRanged(path);
    const into = new Uint8Array(50);
    expect([...(await file.read(3, 6))]).toEqual([3, 4, 5]);
    const read = await file.read(10, 12, into);
    expect([[...read], read.buffer === into.buffer]).toEqual([[10, 11], true]);
    await writeFile(path, "changed");
    await expect(file.read(0, 1)).rejects.toThrow(new UserError(`'${path}' has changed while it was being read`));
    await file.close();
  });
  test("through a window gives the same bytes with fewer reads", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    const reads: [number, number][] = [];
    const source: Ranged = {
      byteLength: 1000,
      read: async (start, end) => {
        reads.push([start, end]);
        return bytes.slice(start, end);
      },
    };
    const window = windowed(source, 100);
    for (const [start, end] of [
      [0, 10],
      [10, 90],
      [95, 105],
      [990, 1000],
      [0, 1000],
      [5, 5],
    ] as const)
      expect(await window.read(start, end)).toEqual(bytes.slice(start, end));
    expect(reads).toEqual([
      [0, 100],
      [95, 195],
      [990, 1000],
      [0, 1000],
      [5, 105],
    ]);
    (await window.read(5, 10)).fill(0); // the caller may write into what it is given
    expect(await window.read(5, 10)).toEqual(bytes.slice(5, 10));
  });
});

test("a small model is written and read", async () => {
  const path = join(folder, "small.onnx");
  const graph = new Graph("g");
  graph.output(
    graph.add({
      op: "Neg",
      name: "neg",
      inputs: [graph.constant("c", float32s([1]))],
      outputs: [{ name: "y", type: f32(1) }],
    }).outputs[0]!,
  );
  await writeModel(graph, path);
  const read = await readModel(path);
  expect([read.graph.nodes.length, read.dataFiles]).toEqual([1, []]);
  await read.close();
});
