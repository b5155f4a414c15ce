import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTorch } from "../../../src/export/weights/torch.js";
import { readAll } from "../../../src/graph/tensor.js";
import { zipOf } from "./archive.js";
import { expected, fixture, plainTensors, ranged, refusal } from "./files.js";

const read = async (name: string): ReturnType<typeof readTorch> => readTorch(ranged(await fixture(name)), name);

describe("what PyTorch saved is read as PyTorch reads it", () => {
  test.each([
    "zip.pth",
    "legacy.pth",
    "legacy-0.3.pth",
    "tar.pth",
    "protocol4.pth",
    "nested.pth",
    "big-endian.pth",
    "deflated.pth",
  ])("%s", async (name) => {
    expect(await plainTensors(await read(name))).toEqual(await expected(name));
  });
  test("a tensor of any strides is read in any pieces", async () => {
    const { tensors } = await read("zip.pth");
    for (const key of ["channels_last", "transposed", "column", "expanded"]) {
      const t = tensors.get(key);
      const whole = t ? await readAll(t) : new Uint8Array();
      expect(whole.length, key).toBeGreaterThan(0);
      for (let from = 0; from < whole.length; from += 4)
        for (let to = from; to <= whole.length; to += 4)
          expect(await t?.read(from, to), `${key} ${from} to ${to}`).toEqual(whole.slice(from, to));
      const into = new Uint8Array(whole.length + 5);
      expect((await t?.read(0, whole.length, into))?.buffer).toBe(into.buffer);
      expect(into.subarray(0, whole.length)).toEqual(whole);
    }
  });
  test("a storage that several tensors share is read once", async () => {
    const reads: [number, number][] = [];
    const { tensors } = await readTorch(ranged(await fixture("zip.pth"), reads), "zip.pth");
    const before = reads.length;
    for (const key of ["base", "row"]) await tensors.get(key)?.read(0, 8);
    expect(reads.length).toBe(before);
    expect(new Set(reads.map(String)).size).toBe(reads.length); // no range twice
  });
});

describe("wrappers", () => {
  test("the averaged weights are taken first, and notes say which dictionary was opened", async () => {
    const { tensors, notes } = await read("wrapped.pth");
    expect([...tensors.keys()]).toEqual(["module.fc.weight", "module.fc.bias"]);
    expect(notes).toEqual([
      "the weights are those under 'state_dict_ema'",
      "'state_dict' beside 'state_dict_ema' was left alone",
    ]);
    expect((await read("nested.pth")).notes).toEqual([
      "the weights are those under 'classy_state_dict.base_model.model.trunk'",
    ]);
    expect((await read("zip.pth")).notes).toEqual([]);
  });
});

describe("nothing is called", () => {
  test.each([
    ["evil-system.pth", "'posix.system' is refused"],
    ["evil-getattr.pth", "'__builtin__.getattr' is refused"],
    ["evil-setstate.pth", "'__builtin__.eval' is refused"],
    ["evil-dotted.pth", "'torch.serialization.os.system' is refused"],
  ])("%s", async (name, sentence) => {
    const message = await refusal(() => read(name));
    expect(message).toContain(`'archive/data.pkl' in ${name}, byte `);
    expect(message).toContain(sentence);
    expect(existsSync("evil-ran")).toBe(false);
  });
});

describe("a damaged file is refused with the byte or the key at fault", () => {
  test.each(["zip.pth", "legacy.pth", "legacy-0.3.pth", "tar.pth"])("%s, cut short at any byte", async (name) => {
    const bytes = await fixture(name);
    const padding = name === "tar.pth" ? bytes.findLastIndex((b) => b !== 0) + 1 : bytes.length; // blocks of zeros end it
    for (let length = 0; length < padding; length += length < 600 || length > padding - 600 ? 1 : 37)
      expect(await refusal(() => readTorch(ranged(bytes.subarray(0, length)), name)), `${length} bytes`).toContain(
        name,
      );
  });
  const edited = async (name: string, from: string, to: string): Promise<string> => {
    const bytes = Buffer.from(await fixture(name));
    const at = bytes.indexOf(from, 0, "latin1");
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at, "latin1");
    return refusal(() => readTorch(ranged(new Uint8Array(bytes)), name));
  };
  test("a class of storage that there is not", async () => {
    expect(await edited("float.pth", "FloatStorage", "FloatStoragf")).toContain("'torch.FloatStoragf' is refused");
  });
  test("a shape that the storage does not hold", async () => {
    expect(await edited("float.pth", "K\x02K\x03\x86", "K\x02K\x04\x86")).toBe(
      "float.pth: 'fc.weight' is float32[2,4] with strides [3,1], which is bytes 0 to 28 of a storage of 24",
    );
  });
  test("a view that repeats one number a thousand million times", async () => {
    const bytes = zipOf([
      {
        name: "a/data.pkl",
        data: Buffer.from(
          "\x80\x02}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01tQK\0J\0\xca\x9a\x3b\x85K\0\x85\x89NtRs.",
          "latin1",
        ),
      },
      { name: "a/data/0", data: new Uint8Array(4) },
    ]);
    expect(await refusal(() => readTorch(ranged(bytes), "x.pth"))).toBe(
      "x.pth: 'w' is float32[1000000000] with strides [0], which is 1000000000 elements out of a storage of 4 bytes: save a part of it",
    );
  });
  test("a TorchScript program", async () => {
    const bytes = zipOf(["a/data.pkl", "a/constants.pkl"].map((name) => ({ name, data: new Uint8Array() })));
    expect(await refusal(() => readTorch(ranged(bytes), "x.pt"))).toContain("x.pt is a TorchScript program");
  });
  test("a storage of another size than its record", async () => {
    expect(await edited("float.pth", "K\x06t", "K\x07t")).toContain("'data/0' has 24 bytes, and the pickle says 28");
    expect(await edited("legacy-0.3.pth", "K\x06Nt", "K\x07Nt")).toContain("was cut short: it has 492 bytes");
  });
  test("no file at all", async () => {
    expect(await refusal(() => readTorch(ranged(new Uint8Array()), "x.pth"))).toBe(
      "x.pth, byte 0: the pickle goes on for 1 bytes, but 0 are there",
    );
  });
});
