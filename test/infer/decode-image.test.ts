import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { UserError } from "../../src/graph/error.js";
import { decodeImage } from "../../src/infer/node/decode-image.js";
import { golden, pathOf, sha256 } from "./photos.js";

interface Goldens {
  readonly files: Readonly<
    Record<string, { readonly width: number; readonly height: number; readonly sha256: string }>
  >;
}

const { files } = golden<Goldens>("decode-image.json");
const images = readdirSync(pathOf("goldens/images"));
const folder = mkdtempSync(join(tmpdir(), "se-onnx-images-"));
afterAll(() => rmSync(folder, { recursive: true }));

function image(name: string): string {
  return pathOf(images.includes(name) ? `goldens/images/${name}` : `../photos/${name}`);
}

function written(name: string, data: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

async function messageOf(source: string | Uint8Array): Promise<string> {
  const error = await decodeImage(source).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  return String(error).replace("UserError: ", "");
}

describe("decodeImage equals Pillow", () => {
  test("every image has its golden", () => {
    expect(Object.keys(files)).toEqual(expect.arrayContaining(images));
  });

  test.each(Object.entries(files))("%s", async (name, { width, height, sha256: expected }) => {
    const pixels = await decodeImage(image(name));
    expect([pixels.width, pixels.height]).toEqual([width, height]);
    expect(sha256(pixels.data)).toBe(expected);
  });

  test("bytes give what the file gives, wherever they lie in their buffer", async () => {
    const bytes = readFileSync(image("rocket.jpg"));
    const shifted = new Uint8Array(bytes.length + 5).subarray(5);
    shifted.set(bytes);
    expect(sha256((await decodeImage(shifted)).data)).toBe(files["rocket.jpg"]?.sha256);
    expect(shifted).toEqual(new Uint8Array(bytes));
  });
});

describe("names what is wrong with", () => {
  test("a missing file", async () => {
    expect(await messageOf("no/such.jpg")).toBe("'no/such.jpg' does not exist; give an image file");
  });

  test("a folder", async () => {
    expect(await messageOf(folder)).toBe(`'${folder}' is a folder; give an image file`);
  });

  test.skipIf(process.platform === "win32")("a named pipe, without waiting for a writer", async () => {
    const pipe = join(folder, "pipe.jpg");
    execFileSync("mkfifo", [pipe]);
    expect(await messageOf(pipe)).toBe(`'${pipe}' is not a regular file; give an image file`);
  });

  test("a path that the system refuses", async () => {
    expect(await messageOf("a\0b.jpg")).toContain("cannot be read (ERR_INVALID_ARG_VALUE)");
  });

  test("an empty file", async () => {
    const path = written("empty.png", "");
    expect(await messageOf(path)).toBe(`'${path}' is empty; give a JPEG, PNG, WebP, GIF or TIFF image`);
    expect(await messageOf(new Uint8Array())).toContain("The image is empty");
  });

  test.each([
    ["text.jpg", "not an image"],
    ["one-byte.jpg", "\xff"],
    ["drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ["page.pdf", "%PDF-1.4\n%\xe2\xe3\n"],
    ["bitmap.bmp", `BM${"\0".repeat(60)}`],
    ["sound.wav", "RIFF\x24\0\0\0WAVEfmt "],
  ])("%s", async (name, data) => {
    const path = written(name, data);
    expect(await messageOf(path)).toBe(
      `'${path}' is not a JPEG, PNG, WebP, GIF or TIFF image; convert it to one of these`,
    );
  });

  const cuttable = [
    "rgb.png",
    "420.jpg",
    "progressive.jpg",
    "cmyk.jpg",
    "lossy.webp",
    "lossless.webp",
    "palette.gif",
    "rgb.tif",
  ];
  test.each(cuttable)("%s cut short anywhere", async (name) => {
    const bytes = readFileSync(image(name));
    for (const part of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const path = written(`cut-${name}`, bytes.subarray(0, Math.floor(bytes.length * part)));
      expect(await messageOf(path)).toMatch(
        /^'.*cut-.*' is a damaged or incomplete (JPEG|PNG|WebP|GIF|TIFF) file \(.+\); get it anew$/,
      );
    }
  });

  test("but not an animation that is cut short after its first picture", async () => {
    const bytes = readFileSync(image("animated.gif"));
    const pixels = await decodeImage(bytes.subarray(0, Math.floor(bytes.length * 0.9)));
    expect(sha256(pixels.data)).toBe(files["animated.gif"]?.sha256);
  });

  test("a damaged picture", async () => {
    const bytes = readFileSync(image("rgb.png"));
    bytes[bytes.length >> 1]! ^= 1;
    expect(await messageOf(bytes)).toMatch(/^The image is a damaged or incomplete PNG file/);
  });

  test("an absurd size, before any of it is decoded", async () => {
    const path = written("huge.png", emptyPng(70_000, 60_000));
    expect(await messageOf(path)).toBe(
      `'${path}' has 70000x60000 pixels; make it smaller, to at most 268435456 pixels`,
    );
  });

  test("a GIF with an absurd screen", async () => {
    const gif = readFileSync(image("partial.gif"));
    gif.fill(0xff, 6, 10);
    expect(await messageOf(gif)).toBe("The image has 65535x65535 pixels; make it smaller, to at most 268435456 pixels");
  });

  test("a picture of floating-point values", async () => {
    const path = written("float.tif", floatTiff());
    expect(await messageOf(path)).toBe(
      `'${path}' holds b-w pixels of type float; save it as RGB or grey of 8 or 16 bits`,
    );
  });
});

describe("without sharp", () => {
  afterEach(() => {
    vi.doUnmock("sharp");
    vi.resetModules();
  });

  test("gives the command that brings it", async () => {
    vi.resetModules();
    vi.doMock("sharp", () => {
      throw new Error("Cannot find package 'sharp'");
    });
    const { decodeImage } = await import("../../src/infer/node/decode-image.js");
    await expect(decodeImage(image("rgb.png"))).rejects.toThrow(
      /^Image files cannot be read without the package sharp \(.+\); bring it with: npm install sharp$/,
    );
  });
});

/** An RGB PNG that announces its size and holds one empty chunk of data. */
function emptyPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const chunk = (kind: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const start = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([start, chunk("IHDR", header), chunk("IDAT", deflateSync("")), chunk("IEND", Buffer.alloc(0))]);
}

/** A TIFF of one grey pixel, 0.5 in float32. */
function floatTiff(): Uint8Array {
  const [short, long] = [3, 4];
  const entries = [
    [256, short, 1], // width
    [257, short, 1], // height
    [258, short, 32], // bits per sample
    [259, short, 1], // no compression
    [262, short, 1], // black is zero
    [273, long, 8], // where the pixel is
    [277, short, 1], // samples per pixel
    [278, short, 1], // rows per strip
    [279, long, 4], // bytes of the pixel
    [339, short, 3], // floating point
  ] as const;
  const file = Buffer.alloc(12 + 2 + entries.length * 12 + 4);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(12, 4);
  file.writeFloatLE(0.5, 8);
  file.writeUInt16LE(entries.length, 12);
  for (const [i, [tag, type, value]] of entries.entries()) {
    file.writeUInt16LE(tag, 14 + i * 12);
    file.writeUInt16LE(type, 16 + i * 12);
    file.writeUInt32LE(1, 18 + i * 12);
    file.writeUInt32LE(value, 22 + i * 12);
  }
  return file;
}
