import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeImage } from "../../src/infer/node/decode-image.js";
import type { Pixels } from "../../src/infer/pixels.js";

const decoded = new Map<string, Promise<Pixels>>();

/** A photograph of test/photos, decoded once. */
export function photo(name: string): Promise<Pixels> {
  const pixels = decoded.get(name) ?? decodeImage(pathOf(`../photos/${name}`));
  decoded.set(name, pixels);
  return pixels;
}

/** The part of an image that lies in [left, top, width, height]. */
export function cut(image: Pixels, [left, top, width, height]: readonly [number, number, number, number]): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let p = 0; p < data.length; p++) {
    const y = Math.floor(p / (width * 3));
    data[p] = image.data[((top + y) * image.width + left) * 3 + (p % (width * 3))]!;
  }
  return { width, height, data };
}

export function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** A golden file; its fields are what goldens/make.py writes. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(pathOf(`goldens/${name}`), "utf8"));
}

export function sha256(data: NodeJS.ArrayBufferView): string {
  return createHash("sha256").update(data).digest("hex");
}
