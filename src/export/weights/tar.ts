import { UserError } from "../../graph/error.js";
import { type Ranged, range } from "../../graph/tensor.js";
import { leadsOut, quoted } from "./names.js";

/** Size of a header; contents are padded to multiples of it. */
const BLOCK = 512;
/** Entries that are looked at: a checkpoint has four. */
const MOST = 64;

/** Whether `source` starts with a header of a tar archive: the sum of its bytes, with blanks for the sum itself, is written in it. */
export async function isTar(source: Ranged): Promise<boolean> {
  if (source.byteLength < BLOCK) return false;
  const header = await source.read(0, BLOCK);
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  return sum === octal(header, 148, 8) && header[0] !== 0;
}

/** The files of a tar archive (POSIX ustar and pax) by their names, without a "./" in front. Throws a UserError that names the byte. */
export async function readTar(source: Ranged, name: string): Promise<ReadonlyMap<string, Ranged>> {
  const files = new Map<string, Ranged>();
  for (let at = 0, n = 0; at + BLOCK <= source.byteLength && n < MOST; n++) {
    const header = await source.read(at, at + BLOCK);
    if (header[0] === 0) break; // blocks of zeros end an archive
    const size = octal(header, 124, 12);
    const start = at + BLOCK;
    if (!Number.isSafeInteger(size) || start + size > source.byteLength)
      throw new UserError(
        `${name}, byte ${at}: a file of ${Number.isNaN(size) ? "no" : size} bytes, but ${source.byteLength - start} are left`,
      );
    const path = text(header, 0, 100).replace(/^\.\//, "");
    if (leadsOut(path)) throw new UserError(`${name}, byte ${at}: the file ${quoted(path)} leads out of the archive`);
    const type = header[156] ?? 0;
    if (type === 0 || type === 48) files.set(path, range(source, start, start + size)); // "0", or nothing as of old
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

const text = (header: Uint8Array, at: number, size: number): string =>
  new TextDecoder("latin1").decode(header.subarray(at, at + size)).replace(/\0.*$/s, "");
/** A number in octal digits; NaN where it is none. */
function octal(header: Uint8Array, at: number, size: number): number {
  const digits = text(header, at, size).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
