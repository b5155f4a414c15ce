import { type FileHandle, open, stat } from "node:fs/promises";
import type { Metadata } from "sharp";
import { UserError } from "../../graph/error.js";
import { MAX_PIXELS, type Pixels } from "../pixels.js";
import { firstFrame, onScreen } from "./gif.js";
import { loadSharp, reasonOf, type SharpFactory } from "./load-sharp.js";

/** Reads a JPEG, PNG, WebP, GIF (first picture) or TIFF (first page) from a file or from its bytes, pixel for pixel as
 *  Pillow's `ImageOps.exif_transpose(Image.open(f)).convert("RGB")`: turned upright by its EXIF orientation, an embedded
 *  colour profile ignored, alpha dropped and not blended, CMYK by Pillow's formula. One deviation: of 16-bit grey the
 *  high byte is taken, where Pillow clips all but the darkest 256 of 65,536 levels to white.
 *
 *  Decoding is the optional package sharp's. Throws a UserError that names the file when it is missing, not a regular
 *  file, empty, none of these formats, damaged or cut short, of another pixel type or above 268 million pixels, and one
 *  that gives the install command when sharp is missing. `name` is what these errors call the picture. */
export async function decodeImage(
  source: string | Uint8Array,
  name = typeof source === "string" ? `'${source}'` : "The image",
): Promise<Pixels> {
  const bytes = typeof source === "string" ? await readImageFile(source, name) : source;
  const format = checkFormat(bytes, name);
  const sharp = await loadSharp();
  const frame = format === "GIF" ? firstFrame(bytes) : null;
  if (frame) checkArea(frame.width, frame.height, name);
  try {
    const picture = await decode(sharp, frame ? frame.file : bytes, name);
    return frame ? onScreen(picture, frame) : picture;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${name} is a damaged or incomplete ${format} file (${reasonOf(error)}); get it anew`);
  }
}

async function decode(sharp: SharpFactory, bytes: Uint8Array, name: string): Promise<Pixels> {
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  checkPixelType(metadata, name);
  // "error" refuses what Pillow refuses; sharp's default, "warning", also refuses files that Pillow reads.
  const image = sharp(bytes, { ignoreIcc: true, autoOrient: true, failOn: "error", limitInputPixels: false });
  const cmyk = metadata.space === "cmyk";
  const bands = cmyk
    ? image.pipelineColourspace("cmyk").toColourspace("cmyk") // else sharp goes by a colour profile of its own
    : image.toColourspace("srgb").removeAlpha();
  const { data, info } = await bands.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    data: cmyk ? rgbOfCmyk(data, channels) : new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

/** Pillow's conversion, in its integers: white less black, less that part of it which the ink covers. */
function rgbOfCmyk(cmyk: Uint8Array, channels: number): Uint8Array {
  const pixels = cmyk.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const light = 255 - cmyk[i * channels + 3]!;
    for (let c = 0; c < 3; c++) {
      const covered = cmyk[i * channels + c]! * light + 128;
      rgb[i * 3 + c] = light - (((covered >> 8) + covered) >> 8);
    }
  }
  return rgb;
}

function checkArea(width: number, height: number, name: string): void {
  if (width * height <= MAX_PIXELS) return;
  throw new UserError(`${name} has ${width}x${height} pixels; make it smaller, to at most ${MAX_PIXELS} pixels`);
}

function checkPixelType({ width, height, space, depth }: Metadata, name: string): void {
  checkArea(width, height, name);
  const deep = ["srgb", "rgb16", "b-w", "grey16"].includes(space);
  if ((deep && (depth === "uchar" || depth === "ushort")) || (space === "cmyk" && depth === "uchar")) return;
  throw new UserError(`${name} holds ${space} pixels of type ${depth}; save it as RGB or grey of 8 or 16 bits`);
}

async function readImageFile(path: string, name: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // Opening a named pipe would wait for a writer, so the kind comes first.
    const stats = await stat(path);
    if (stats.isDirectory()) throw new UserError(`${name} is a folder; give an image file`);
    if (!stats.isFile()) throw new UserError(`${name} is not a regular file; give an image file`);
    file = await open(path);
    const start = new Uint8Array(16);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    checkFormat(start.subarray(0, bytesRead), name);
    return await file.readFile();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UserError(`${name} ${fileProblems[code] ?? `cannot be read (${code})`}; give an image file`);
  } finally {
    await file?.close();
  }
}

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  ERR_FS_FILE_TOO_LARGE: "is over 2 GiB",
};

/** Each format and how its files start, a byte a character. */
const formats: readonly (readonly [name: string, is: (start: string) => boolean])[] = [
  ["JPEG", (start) => start.startsWith("\xff\xd8\xff")],
  ["PNG", (start) => start.startsWith("\x89PNG\r\n\x1a\n")],
  ["GIF", (start) => ["GIF87a", "GIF89a"].includes(start.slice(0, 6))],
  ["WebP", (start) => start.startsWith("RIFF") && start.startsWith("WEBP", 8)],
  ["TIFF", (start) => ["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(start.slice(0, 4))],
];

/** The format by the first bytes: other files never reach the decoder, which would also read SVG, PDF and more. */
function checkFormat(bytes: Uint8Array, name: string): string {
  if (bytes.length === 0) throw new UserError(`${name} is empty; give a JPEG, PNG, WebP, GIF or TIFF image`);
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  const format = formats.find(([, is]) => is(start));
  if (format) return format[0];
  throw new UserError(`${name} is not a JPEG, PNG, WebP, GIF or TIFF image; convert it to one of these`);
}
