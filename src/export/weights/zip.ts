import { UserError } from "../../graph/error.js";
import { type Ranged, range } from "../../graph/tensor.js";
import { inflated } from "./inflate.js";
import { MOST } from "./limits.js";
import { leadsOut, quoted } from "./names.js";

/** One file of an archive, as its central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly byteLength: number;
  /** CRC-32 of the content. */
  readonly crc: number;
  /** Where its local header is. */
  readonly offset: number;
}

/** A zip archive (PKWARE's APPNOTE 6.3), with its 64-bit fields. */
export interface Zip {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The content of an entry: a range of the archive, or inflated as it is read. Its CRC-32 is not looked at. */
  open(entry: ZipEntry): Promise<Ranged>;
}

/** The directory with its names takes no more than this. */
const MAX_DIRECTORY = 16 * 1024 * 1024;
/** What an entry of a short archive may unpack to, and all entries of one. */
const MOST_UNPACKED = 64 * 1024 * 1024;
/** As many times its size may any archive unpack to: weights pack to half at best, those of a pruned network to a tenth. */
const RATIO = 16;
const [END, END64, LOCATOR64, CENTRAL, LOCAL] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
const [STORED, DEFLATED] = [0, 8];

/** Whether `source` starts as a zip archive that has entries. */
export async function isZip(source: Ranged): Promise<boolean> {
  return source.byteLength >= 22 && view(await source.read(0, 4)).getUint32(0, true) === LOCAL;
}

/** Reads the directory of a zip archive; `name` is what errors call it. Throws a UserError that names the byte or the entry. */
export async function readZip(source: Ranged, name: string): Promise<Zip> {
  const { count, size, offset, end } = await findDirectory(source, name);
  if (!(offset + size <= end))
    throw new UserError(`${name} has its directory at bytes ${offset} to ${offset + size}, which is not before ${end}`);
  if (size > MAX_DIRECTORY || count > MOST)
    throw new UserError(
      `${name} has a directory of ${count} entries in ${size} bytes, and ${MOST} in ${MAX_DIRECTORY} are the most`,
    );
  const entries = readDirectory(view(await source.read(offset, offset + size)), offset, name);
  if (entries.size !== count)
    throw new UserError(`${name} announces ${count} entries, but its directory has ${entries.size} names`);
  requireApart(entries.values(), name);
  requireModest(entries.values(), source.byteLength, name);
  return { entries, open: (entry) => openEntry(source, entry, offset, name) };
}

interface Directory {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the records behind it start. */
  readonly end: number;
}
/** By the record at the end of the file, which a comment of up to 65,535 bytes may follow. */
async function findDirectory(source: Ranged, name: string): Promise<Directory> {
  const from = Math.max(0, source.byteLength - 22 - 65_535);
  const tail = view(await source.read(from, source.byteLength));
  for (let at = tail.byteLength - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END || at + 22 + tail.getUint16(at + 20, true) !== tail.byteLength) continue;
    const [count, size, offset] = [
      tail.getUint16(at + 10, true),
      tail.getUint32(at + 12, true),
      tail.getUint32(at + 16, true),
    ];
    if (at < 20 || tail.getUint32(at - 20, true) !== LOCATOR64) return { count, size, offset, end: from + at };
    return readEnd64(source, Number(tail.getBigUint64(at - 12, true)), name);
  }
  throw new UserError(`${name} is a zip archive that was cut short: its directory is missing; fetch it again`);
}
async function readEnd64(source: Ranged, at: number, name: string): Promise<Directory> {
  const record = at + 56 <= source.byteLength ? view(await source.read(at, at + 56)) : null;
  if (record?.getUint32(0, true) !== END64) throw new UserError(`${name} has no end of its directory at byte ${at}`);
  const long = (place: number): number => Number(record.getBigUint64(place, true));
  return { count: long(32), size: long(40), offset: long(48), end: at };
}

function readDirectory(bytes: DataView, origin: number, name: string): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const text = new TextDecoder();
  for (let at = 0; at < bytes.byteLength; ) {
    const refuse = (problem: string): UserError => new UserError(`${name}, byte ${origin + at}: ${problem}`);
    if (at + 46 > bytes.byteLength || bytes.getUint32(at, true) !== CENTRAL) throw refuse("no entry of the directory");
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((p) => bytes.getUint16(at + p, true)) as [
      number,
      number,
      number,
    ]; // as many as there are places
    const [nameAt, next] = [at + 46, at + 46 + nameSize + extraSize + commentSize];
    if (next > bytes.byteLength) throw refuse("the entry goes beyond the directory");
    const key = text.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + nameAt, nameSize));
    if (entries.has(key)) throw refuse(`a second entry ${quoted(key)}`);
    if (entries.size === MOST) throw refuse(`more than ${MOST} entries`);
    if (leadsOut(key)) throw refuse(`the entry ${quoted(key)} leads out of the archive`);
    if (bytes.getUint16(at + 8, true) & 1) throw refuse(`${quoted(key)} is encrypted`);
    const long = longFields(bytes, nameAt + nameSize, nameAt + nameSize + extraSize);
    const field = (place: number): number => {
      const short = bytes.getUint32(at + place, true);
      return short === 0xffff_ffff ? (long.shift() ?? short) : short;
    };
    const [byteLength, packed, offset] = [field(24), field(20), field(42)]; // in the order of the 64-bit fields
    const [method, crc] = [bytes.getUint16(at + 10, true), bytes.getUint32(at + 16, true)];
    entries.set(key, { name: key, method, crc, byteLength, packed, offset });
    at = next;
  }
  return entries;
}
/** The 64-bit fields of an entry: its extra field 1. */
function longFields(bytes: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; ) {
    const size = bytes.getUint16(at + 2, true);
    const next = Math.min(end, at + 4 + size);
    if (bytes.getUint16(at, true) === 1)
      return Array.from({ length: Math.floor((next - at - 4) / 8) }, (_, i) =>
        Number(bytes.getBigUint64(at + 4 + 8 * i, true)),
      );
    at += 4 + size;
  }
  return [];
}

/** No byte belongs to two entries: a few packed bytes that many share would unpack to far more than a file of this size can hold. */
function requireApart(entries: Iterable<ZipEntry>, name: string): void {
  const sorted = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [i, entry] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before && before.offset + 30 + before.packed > entry.offset)
      throw new UserError(
        `${name}: the entry ${quoted(entry.name)} starts at byte ${entry.offset}, inside ${quoted(before.name)}`,
      );
  }
}

function requireModest(entries: Iterable<ZipEntry>, size: number, name: string): void {
  const most = Math.max(MOST_UNPACKED, RATIO * size);
  let sum = 0;
  for (const { method, byteLength } of entries) if (method === DEFLATED) sum += byteLength;
  if (!(sum <= most))
    throw new UserError(
      `${name} is said to unpack to ${sum} bytes, and ${most} are the most: unpack and store it first`,
    );
}

/** `directory` is where the directory starts: no entry goes beyond it. */
async function openEntry(source: Ranged, entry: ZipEntry, directory: number, archive: string): Promise<Ranged> {
  const { method, byteLength, packed, offset } = entry;
  const name = `${quoted(entry.name)} in ${archive}`;
  const header = offset + 30 <= directory ? view(await source.read(offset, offset + 30)) : null;
  if (header?.getUint32(0, true) !== LOCAL) throw new UserError(`${name} is not at byte ${offset}, where it should be`);
  const start = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (!(start + packed <= directory) || (method === STORED && byteLength !== packed))
    throw new UserError(`${name} has ${packed} bytes for ${byteLength} from byte ${start} on, of ${directory}`);
  const content = range(source, start, start + packed);
  if (method === STORED) return content;
  if (method !== DEFLATED)
    throw new UserError(`${name} is packed by method ${method}: only stored and deflated entries are read`);
  const most = Math.max(MOST_UNPACKED, 2 * source.byteLength);
  if (byteLength > most)
    throw new UserError(`${name} is said to unpack to ${byteLength} bytes, and ${most} are the most`);
  return inflated(content, byteLength, name);
}

const view = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
