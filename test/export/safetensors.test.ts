import { describe, expect, test } from "vitest";
import { readSafetensors } from "../../src/export/weights/safetensors.js";
import { UserError } from "../../src/graph/error.js";
import { type Ranged, readAll } from "../../src/graph/tensor.js";
import { show } from "../../src/graph/type.js";
import { golden, goldenJson, hex } from "./plain.js";

/** `bytes` as a file that notes the length of each read. */
const ranged = (bytes: Uint8Array, reads: [number, number][] = []): Ranged => ({
  byteLength: bytes.length,
  read: async (start, end) => {
    reads.push([start, end]);
    if (start < 0 || start > end || end > bytes.length) throw new Error(`bytes ${start} to ${end} of ${bytes.length}`);
    return bytes.slice(start, end);
  },
});
/** A file with this header and `room` bytes of data, which count up from 0. */
function file(header: unknown, room = 0, announced?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + room);
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(json.length), true);
  bytes.set(json, 8);
  for (let i = 0; i < room; i++) bytes[8 + json.length + i] = i;
  return bytes;
}
const read = (bytes: Uint8Array): ReturnType<typeof readSafetensors> => readSafetensors(ranged(bytes), "w.safetensors");
const f32 = (from: number, to: number, shape = [(to - from) / 4]): object => ({
  dtype: "F32",
  shape,
  data_offsets: [from, to],
});

describe("a file by the official package", () => {
  test("is read as it was written: every element type, a scalar, an empty and a long tensor", async () => {
    const reads: [number, number][] = [];
    const bytes = await golden("weights.safetensors");
    const { tensors } = await readSafetensors(ranged(bytes, reads), "weights.safetensors");
    const expected = (await goldenJson("weights")) as Record<string, { shape: number[]; hex: string }>;
    expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
    expect(Math.max(...reads.map(([start, end]) => end - start))).toBeLessThan(4000); // the header
    const long = hex(new Uint8Array(Float32Array.from({ length: 16_400 }, (_, i) => i).buffer));
    for (const [key, t] of tensors) {
      const { shape, hex: given } = expected[key] ?? { shape: [], hex: "" };
      expect([t.shape, hex(await readAll(t))], key).toEqual([shape, given === "arange" ? long : given]);
    }
    expect(
      Array.from(tensors, ([key, t]) => (key === t.dtype ? null : `${key}: ${show(t)}`))
        .filter(Boolean)
        .sort(),
    ).toEqual([
      "empty: float32[0,4]",
      "float8_e4m3fn: float8e4m3fn[2,3]",
      "float8_e5m2: float8e5m2[2,3]",
      "float8_e8m0fnu: float8e8m0[2,3]",
      "long: float32[4,4100]",
      "scalar: float32[]",
    ]);
  });
  test("keeps long tensors in the file and reads the range that is asked for", async () => {
    const reads: [number, number][] = [];
    const { tensors } = await readSafetensors(
      ranged(await golden("weights.safetensors"), reads),
      "weights.safetensors",
    );
    const long = tensors.get("long");
    expect([long?.data, tensors.get("int64")?.data?.length]).toEqual([null, 48]);
    reads.length = 0;
    expect(new Float32Array((await long?.read(4000, 4008))?.buffer ?? new ArrayBuffer(0))).toEqual(
      Float32Array.of(1000, 1001),
    );
    expect(reads.map(([start, end]) => end - start)).toEqual([8]);
  });
});

describe("a file by hand", () => {
  test("may have holes, metadata, spaces behind the header, tensors in any order and keys like __proto__", async () => {
    const entries = `{"__metadata__":{"a":"b"},"b":${JSON.stringify(f32(12, 16))},"__proto__":${JSON.stringify(f32(0, 4))},"none":${JSON.stringify(f32(2, 2, [0]))}}   `;
    const { tensors, name } = await read(file(entries, 20));
    expect([name, [...tensors.keys()].sort()]).toEqual(["w.safetensors", ["__proto__", "b", "none"]]);
    expect([...((await tensors.get("b")?.read(0, 4)) ?? [])]).toEqual([12, 13, 14, 15]);
  });
  test("may have no tensor at all", async () => {
    expect((await read(file({}))).tensors.size).toBe(0);
  });
  test("holds packed 4-bit floats", async () => {
    const { tensors } = await read(file({ w: { dtype: "F4", shape: [3, 2], data_offsets: [0, 3] } }, 3));
    expect(tensors.get("w")).toMatchObject({ dtype: "float4e2m1", shape: [3, 2], byteLength: 3 });
  });
});

describe("a lying file is refused with the byte or the key at fault", () => {
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["no bytes", new Uint8Array(), "it has 0 bytes, and 8 are the least"],
    ["seven bytes", new Uint8Array(7), "it has 7 bytes, and 8 are the least"],
    [
      "a header of 2^60 bytes",
      file({}, 0, 2n ** 60n),
      "bytes 0 to 8 announce a header of 1152921504606846976 bytes, but 2 follow",
    ],
    ["a header of 2^64 - 1 bytes", file({}, 0, 2n ** 64n - 1n), "announce a header of 18446744073709551615 bytes"],
    ["a header beyond the file", file({}, 0, 3n), "bytes 0 to 8 announce a header of 3 bytes, but 2 follow"],
    ["a header cut short", file({ w: f32(0, 4) }, 4, 10n), "the header at byte 8 is not a JSON object"],
    ["a header that is no JSON", file("PK\u0003\u0004", 9), "the header at byte 8 is not a JSON object"],
    [
      "a header that is not UTF-8",
      Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe),
      "the header at byte 8 is not a JSON object",
    ],
    ["a list for a header", file([1]), "the header at byte 8 is not a JSON object"],
    ["null for a header", file("null"), "the header at byte 8 is not a JSON object"],
    [
      "JSON nested without end",
      file("[".repeat(100_000)),
      "more than 3 objects and lists inside one another at byte 11",
    ],
    ["null for a tensor", file({ w: null }), "'w' is described by null, which is no JSON object"],
    [
      "an unknown element type",
      file({ w: { ...f32(0, 4), dtype: "F6_E2M3" } }, 4),
      `'w' has the element type "F6_E2M3", which is not one of F64, F32,`,
    ],
    [
      "an element type that is a word of JavaScript",
      file({ w: { ...f32(0, 4), dtype: "constructor" } }, 4),
      `'w' has the element type "constructor"`,
    ],
    ["no element type", file({ w: { shape: [1], data_offsets: [0, 4] } }, 4), "'w' has the element type nothing"],
    ["no shape", file({ w: { dtype: "F32", data_offsets: [0, 4] } }, 4), "'w' has the shape nothing"],
    ["a negative length", file({ w: { ...f32(0, 4), shape: [-1] } }, 4), "'w' has the shape [-1]"],
    ["half a length", file({ w: { ...f32(0, 4), shape: [0.5] } }, 4), "'w' has the shape [0.5]"],
    ["a length that is a text", file({ w: { ...f32(0, 4), shape: ["1"] } }, 4), `'w' has the shape ["1"]`],
    [
      "lengths whose product is beyond all files",
      file({ w: { ...f32(0, 4), shape: [2 ** 40, 2 ** 40] } }, 4),
      "'w' has the shape [1099511627776,1099511627776]",
    ],
    [
      "no offsets",
      file({ w: { dtype: "F32", shape: [1] } }, 4),
      "'w' takes bytes nothing of data, of which there are 4",
    ],
    ["three offsets", file({ w: { ...f32(0, 4), data_offsets: [0, 4, 8] } }, 8), "'w' takes bytes [0,4,8] of data"],
    [
      "negative offsets",
      file({ w: { ...f32(0, 4), data_offsets: [-4, 0] } }, 4),
      "'w' takes bytes [-4,0] of data, of which there are 4",
    ],
    [
      "an end before the start",
      file({ w: { ...f32(0, 4), data_offsets: [4, 0] } }, 4),
      "'w' takes bytes [4,0] of data, of which there are 4",
    ],
    ["an end beyond the file", file({ w: f32(0, 8) }, 7), "'w' takes bytes [0,8] of data, of which there are 7"],
    [
      "an end beyond 2^53",
      file({ w: { ...f32(0, 4), data_offsets: [0, 2 ** 60] } }, 4),
      "'w' takes bytes [0,1152921504606847000] of data",
    ],
    [
      "too few bytes for the shape",
      file({ w: f32(0, 4, [2]) }, 8),
      "'w' is float32[2], which takes 8 bytes, but has 4",
    ],
    [
      "bytes of two tensors",
      file({ a: f32(0, 8), b: f32(4, 12) }, 12),
      "'b' starts at byte 4, inside 'a', which ends at 8",
    ],
    [
      "a tensor inside another",
      file({ a: f32(0, 16), b: f32(4, 8), c: f32(8, 12) }, 16),
      "'b' starts at byte 4, inside 'a', which ends at 16",
    ],
  ];
  test.each(cases)("%s", async (_, bytes, sentence) => {
    const error = await read(bytes).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/^w\.safetensors(:| is no safetensors file:) /);
    expect((error as UserError).message).toContain(sentence);
  });
  test("a file cut short at any byte", async () => {
    const bytes = await golden("weights.safetensors");
    const lengths = [...Array(3000).keys(), ...Array.from({ length: 200 }, (_, i) => bytes.length - 1 - i * 300)];
    for (const length of lengths)
      await expect(read(bytes.subarray(0, length)), `${length} bytes`).rejects.toThrow(UserError);
  });
});
