import { crc32 as zlibs } from "node:zlib";
import { expect, test } from "vitest";
import { checked, crc32 } from "../../../src/export/weights/crc32.js";
import { ranged, refusal } from "./files.js";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) & 255);

test("CRC-32 is that of zlib, at once and bit by bit", () => {
  for (const length of [0, 1, 9, 1000]) {
    const part = bytes.subarray(0, length);
    expect(crc32(part)).toBe(zlibs(part));
    expect(crc32(part.subarray(3), crc32(part.subarray(0, 3)))).toBe(zlibs(part));
  }
});
test("bytes that are not those of the sum are noticed by the read that has seen all of them", async () => {
  const right = checked(ranged(bytes), zlibs(bytes), "x");
  const wrong = checked(ranged(bytes), 7, "x");
  const said = `x has other bytes than it was packed with: its CRC-32 is ${zlibs(bytes).toString(16).padStart(8, "0")}, not 00000007`;
  expect(await right.read(0, 1000)).toEqual(bytes);
  expect(await wrong.read(500, 1000)).toEqual(bytes.slice(500)); // nothing is known of the bytes before
  expect(await wrong.read(0, 600)).toEqual(bytes.slice(0, 600));
  expect(await wrong.read(100, 200)).toEqual(bytes.slice(100, 200));
  for (const from of [550, 0, 999]) expect(await refusal(() => wrong.read(from, 1000))).toBe(said);
});
