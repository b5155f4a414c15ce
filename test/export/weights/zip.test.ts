import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRanged } from "../../../src/export/node/file.js";
import { readTorch } from "../../../src/export/weights/torch.js";
import { readZip } from "../../../src/export/weights/zip.js";
import { type Archive, directoryOf, type Listed, localHeader, type Member, zipOf } from "./archive.js";
import { ranged, refusal } from "./files.js";

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const read = (bytes: Uint8Array): ReturnType<typeof readZip> => readZip(ranged(bytes), "x.zip");
/** Every entry's content. */
async function contents(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  const zip = await read(bytes);
  const files = await Promise.all(Array.from(zip.entries.values(), zip.open));
  return Promise.all(files.map((file) => file.read(0, file.byteLength)));
}
const packed = text("packed".repeat(50_000));
const two: readonly Member[] = [
  { name: "a", data: text("stored") },
  { name: "b/c", data: packed, method: 8 },
];

describe("entries", () => {
  test.each([false, true])("stored and deflated ones, with a comment behind; 64-bit fields: %s", async (long) => {
    const bytes = zipOf(two, { long, comment: "PK\x05\x06 is no end" });
    expect([...(await read(bytes)).entries.keys()]).toEqual(["a", "b/c"]);
    expect(await contents(bytes)).toEqual([text("stored"), packed]);
  });
  test("a deflated one is read in any order, by several at a time", async () => {
    const zip = await read(zipOf(two));
    const entry = zip.entries.get("b/c");
    const file = entry && (await zip.open(entry));
    const starts = [0, 299_994, 6, 150_000, 150_006, 0];
    const pieces = await Promise.all(starts.map((at) => file?.read(at, at + 6)));
    expect(pieces.map((b) => new TextDecoder().decode(b))).toEqual(starts.map(() => "packed"));
    const into = new Uint8Array(10);
    expect((await file?.read(6, 12, into))?.buffer).toBe(into.buffer);
  });
});

describe("an archive that lies is refused with the byte or the entry at fault", () => {
  const a: Member = { name: "a", data: text("stored") };
  const cases: readonly (readonly [string, readonly Member[], Archive, string])[] = [
    [
      "a directory beyond the file",
      [a],
      { directoryOffset: 2 ** 31 },
      "has its directory at bytes 2147483648 to 2147483695",
    ],
    [
      "a directory of 2^60 bytes",
      [a],
      { long: true, directorySize: 2 ** 60 },
      "has its directory at bytes 57 to 1152921504606847000",
    ],
    ["a directory that starts elsewhere", [a], { directoryOffset: 5 }, "byte 5: no entry of the directory"],
    ["another count of entries", [a], { count: 2 }, "announces 2 entries, but its directory has 1 names"],
    ["two entries of one name", [a, a], {}, "a second entry 'a'"],
    ["an encrypted entry", [{ ...a, flags: 1 }], {}, "'a' is encrypted"],
    ["an unknown method", [{ ...a, method: 14 }], {}, "'a' in x.zip is packed by method 14"],
    ["a header that is not there", [{ ...a, offset: 3 }], {}, "'a' in x.zip is not at byte 3, where it should be"],
    ["a header beyond the directory", [{ ...a, offset: 2 ** 31 }], {}, "'a' in x.zip is not at byte 2147483648"],
    [
      "content beyond the directory",
      [{ ...a, packed: 1000, size: 1000 }],
      {},
      "'a' in x.zip has 1000 bytes for 1000 from byte 31 on, of 37",
    ],
    ["stored content of two sizes", [{ ...a, size: 5 }], {}, "'a' in x.zip has 6 bytes for 5"],
    [
      "a bomb that says so",
      [{ ...a, method: 8, size: 2 ** 27 }],
      {},
      "is said to unpack to 134217728 bytes, and 67108864 are the most",
    ],
    [
      "less than it announces",
      [{ ...a, method: 8, size: 1000 }],
      {},
      "'a' in x.zip unpacks to 6 bytes, which is less than it announces",
    ],
  ];
  test.each(cases)("%s", async (_, members, archive, sentence) => {
    expect(await refusal(() => contents(zipOf(members, archive)))).toContain(sentence);
  });
  test("content that is no deflated data", async () => {
    const bytes = zipOf([{ name: "a", data: packed, method: 8 }]);
    bytes.fill(0xff, 31, 60);
    expect(await refusal(() => contents(bytes))).toBe(
      "'a' in x.zip cannot be unpacked behind byte 0: its bytes are no deflated data",
    );
  });
  test("a bomb that does not say so gives what it announces, and no more", async () => {
    const [content] = await contents(zipOf([{ name: "a", data: new Uint8Array(2 ** 24), method: 8, size: 10 }]));
    expect(content).toEqual(new Uint8Array(10));
  });
  test("a file cut short at any byte", async () => {
    const bytes = zipOf(two, { long: true });
    for (let length = 0; length < bytes.length; length++)
      expect(await refusal(() => contents(bytes.subarray(0, length))), `${length} bytes`).toContain("x.zip");
  });
});

/** A pickle of tensors float32[count], each the whole of a storage of its own. */
const pickleOf = (keys: readonly string[], count: number): Buffer =>
  Buffer.from(
    `\x80\x02}(${keys
      .map(
        (key) =>
          `U\x01${key}ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01${key}U\x03cpuL${count}L\ntQK\0(L${count}L\nt(K\x01t\x89NtR`,
      )
      .join("")}u.`,
    "latin1",
  );

test("a checkpoint of 6 GB is read by range", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zip64-"));
  const path = join(folder, "large.pth");
  const count = 750_000_000;
  const pickle = pickleOf(["a", "b"], count);
  const files: Listed[] = [];
  const file = await open(path, "w");
  let at = 0;
  for (const [name, size] of [
    ["large/data.pkl", pickle.length],
    ["large/data/a", 4 * count],
    ["large/data/b", 4 * count],
  ] as const) {
    const listed = { name, method: 0, flags: 0, crc: 0, size, packed: size, offset: at };
    const header = localHeader(listed, true);
    await file.write(header, 0, header.length, at);
    files.push(listed);
    at += header.length;
    if (name.endsWith("pkl")) await file.write(pickle, 0, size, at);
    at += size;
  }
  await file.write(Float32Array.of(1.5, -2.5), 0, 8, at - 8); // what is not written takes no room
  const end = directoryOf(files, at, { long: true });
  await file.write(end, 0, end.length, at);
  await file.close();
  const source = await openRanged(path);
  try {
    expect(source.byteLength).toBeGreaterThan(6e9);
    const { tensors } = await readTorch(source, path);
    expect(Array.from(tensors, ([key, t]) => [key, t.shape])).toEqual([
      ["a", [count]],
      ["b", [count]],
    ]);
    const last = await tensors.get("b")?.read(4 * count - 8, 4 * count);
    expect(last).toEqual(new Uint8Array(Float32Array.of(1.5, -2.5).buffer));
    expect(await tensors.get("a")?.read(4 * count - 8, 4 * count)).toEqual(new Uint8Array(8));
  } finally {
    await source.close();
    await rm(folder, { recursive: true });
  }
});
