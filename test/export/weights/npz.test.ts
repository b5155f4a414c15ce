import { describe, expect, test } from "vitest";
import { npyHeader } from "../../../src/export/npy-header.js";
import { readNpz } from "../../../src/export/weights/npz.js";
import { zipOf } from "./archive.js";
import { expected, fixture, plainTensors, ranged, refusal } from "./files.js";

describe("what NumPy saved", () => {
  test.each(["stored.npz", "packed.npz"])("%s: big-endian numbers, Fortran order, a scalar", async (name) => {
    expect(await plainTensors(await readNpz(ranged(await fixture(name)), name))).toEqual(await expected(name));
  });
  test("stays in the file where it is long", async () => {
    const { tensors } = await readNpz(ranged(await fixture("packed.npz")), "packed.npz");
    const long = tensors.get("long");
    expect([long?.data, tensors.get("half")?.data?.length]).toEqual([null, 8]);
    for (const at of [19_999, 0, 1, 7000])
      expect(await long?.read(4 * at, 4 * at + 4)).toEqual(new Uint8Array(Float32Array.of(at).buffer));
  });
});

describe("what it cannot be is refused by name", () => {
  const read = (name: string, data: Uint8Array): Promise<string> =>
    refusal(() => readNpz(ranged(zipOf([{ name, data }])), "x.npz"));
  const header = npyHeader("float32", [3]);
  test("arrays of objects, which are pickles", async () => {
    expect(await refusal(async () => readNpz(ranged(await fixture("objects.npz")), "objects.npz"))).toContain(
      "'a.npy' in objects.npz holds '|O', which is not one of f4, f8,",
    );
  });
  test("other files", async () => {
    expect(await read("a.txt", header)).toBe("x.npz is no .npz file: it has 'a.txt'");
    expect(await read("a.npy", new Uint8Array(20))).toContain("'a.npy' in x.npz is no .npy file");
  });
  test("another size than the shape's", async () => {
    expect(await read("a.npy", header)).toBe(
      "'a.npy' in x.npz is float32[3], which takes 12 bytes, but 0 follow its header",
    );
    const huge = npyHeader("float32", [2 ** 40, 2 ** 40]);
    expect(await read("a.npy", huge)).toContain("takes 4.835703278458517e+24 bytes, but 0 follow its header");
  });
});
