import type { Pixels } from "../pixels.js";

/** The first picture of a GIF file, cut out of it. */
export interface GifFrame {
  /** A GIF of this picture alone: without transparency, so that no decoder blends it, and without the pictures after it. */
  readonly file: Uint8Array;
  /** The screen that the picture lies on. */
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  /** What Pillow shows where the picture does not reach: the transparent colour or, without one, the first. */
  readonly ground: readonly [red: number, green: number, blue: number];
}

const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** Finds the first picture of a GIF file (CompuServe, GIF89a specification); null when the file ends before it does or
 *  has no palette. */
export function firstFrame(gif: Uint8Array): GifFrame | null {
  const view = new DataView(gif.buffer, gif.byteOffset, gif.byteLength);
  const short = (at: number) => view.getUint16(at, true);
  if (gif.length < 13) return null;
  let palette = gif.subarray(13, 13 + paletteLength(gif[10]!));
  let transparent = 0;
  let at = 13 + palette.length;
  for (; gif[at] === EXTENSION; at = skipBlocks(gif, at + 2)) {
    if (gif[at + 1] === GRAPHIC_CONTROL && gif[at + 3]! & 1) transparent = gif[at + 6]!;
  }
  if (gif[at] !== IMAGE || at + 10 > gif.length) return null;
  const [left, top, width, height] = [short(at + 1), short(at + 3), short(at + 5), short(at + 7)];
  const flags = gif[at + 9]!;
  const local = paletteLength(flags);
  if (local > 0) palette = gif.subarray(at + 10, at + 10 + local);
  const codes = at + 10 + local; // one byte of code size, then the blocks
  const end = skipBlocks(gif, codes + 1);
  if (palette.length === 0 || end > gif.length) return null;

  const screen = [...gif.subarray(0, 6), ...shorts(width, height), 0, 0, 0];
  const picture = [IMAGE, ...shorts(0, 0, width, height), 0x80 | (flags & 0x40) | (Math.log2(palette.length / 3) - 1)];
  const file = Buffer.concat([
    Uint8Array.from([...screen, ...picture]),
    palette,
    gif.subarray(codes, end),
    Uint8Array.of(TRAILER),
  ]);
  return {
    file,
    width: Math.max(short(6), left + width),
    height: Math.max(short(8), top + height),
    left,
    top,
    ground: [palette[transparent * 3] ?? 0, palette[transparent * 3 + 1] ?? 0, palette[transparent * 3 + 2] ?? 0],
  };
}

/** The decoded picture on its screen. */
export function onScreen(picture: Pixels, { width, height, left, top, ground }: GifFrame): Pixels {
  if (picture.width === width && picture.height === height) return picture;
  const data = new Uint8Array(width * height * 3);
  for (let p = 0; p < data.length; p += 3) data.set(ground, p);
  const rowLength = picture.width * 3;
  for (let y = 0; y < picture.height; y++) {
    data.set(picture.data.subarray(y * rowLength, (y + 1) * rowLength), ((top + y) * width + left) * 3);
  }
  return { width, height, data };
}

/** Bytes of the colour table that a packed field announces; 0 for none. */
function paletteLength(packed: number): number {
  return packed & 0x80 ? 3 * (2 << (packed & 7)) : 0;
}

/** The place after the sub-blocks that start at `at`: each is its length and that many bytes, an empty one is the last. */
function skipBlocks(gif: Uint8Array, at: number): number {
  let next = at;
  while (next < gif.length && gif[next] !== 0) next += gif[next]! + 1;
  return next + 1;
}

function shorts(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 255, value >> 8]);
}
