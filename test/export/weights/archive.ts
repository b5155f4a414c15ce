import { crc32, deflateRawSync } from "node:zlib";

/** One file of an archive made by hand; what is not given is what is right. */
export interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  /** 0 stores, 8 deflates. */
  readonly method?: number;
  /** What the archive says instead of the truth. */
  readonly size?: number;
  readonly packed?: number;
  readonly offset?: number;
  readonly flags?: number;
}
export interface Archive {
  /** 64-bit fields, as in archives over 4 GiB. */
  readonly long?: boolean;
  readonly comment?: string;
  /** What the end of the directory says instead of the truth. */
  readonly count?: number;
  readonly directoryOffset?: number;
  readonly directorySize?: number;
}

/** What the directory says of a file. */
export interface Listed {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly size: number;
  readonly packed: number;
  readonly offset: number;
}

const u16 = (...v: number[]): Buffer => Buffer.from(Uint16Array.from(v).buffer);
const u32 = (...v: number[]): Buffer => Buffer.from(Uint32Array.from(v).buffer);
const u64 = (...v: number[]): Buffer => Buffer.from(BigUint64Array.from(v, BigInt).buffer);
const LONG = 0xffff_ffff;

export function localHeader({ name, method, flags, crc, size, packed }: Omit<Listed, "offset">, long: boolean): Buffer {
  const extra = long ? Buffer.concat([u16(1, 16), u64(size, packed)]) : Buffer.alloc(0);
  const sizes = long ? u32(LONG, LONG) : u32(packed, size);
  return Buffer.concat([
    u32(0x04034b50),
    u16(20, flags, method, 0, 0),
    u32(crc),
    sizes,
    u16(name.length, extra.length),
    Buffer.from(name),
    extra,
  ]);
}

/** The directory and what ends the archive; it starts at `at`. */
export function directoryOf(files: readonly Listed[], at: number, archive: Archive = {}): Buffer {
  const { long = false, comment = "" } = archive;
  const entries = files.map(({ name, method, flags, crc, size, packed, offset }) => {
    const extra = long ? Buffer.concat([u16(7, 2, 0), u16(1, 24), u64(size, packed, offset)]) : Buffer.alloc(0);
    return Buffer.concat([
      ...[u32(0x02014b50), u16(20, 20, flags, method, 0, 0), u32(crc), long ? u32(LONG, LONG) : u32(packed, size)],
      ...[u16(name.length, extra.length, 0, 0, 0), u32(0, long ? LONG : offset), Buffer.from(name), extra],
    ]);
  });
  const directory = Buffer.concat(entries);
  const { count = files.length, directoryOffset = at, directorySize = directory.length } = archive;
  const record = Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(45, 45),
    u32(0, 0),
    u64(count, count, directorySize, directoryOffset),
  ]);
  const locator = Buffer.concat([u32(0x07064b50, 0), u64(at + directory.length), u32(1)]);
  const end = [
    u16(0, 0),
    long ? u16(0xffff, 0xffff) : u16(count, count),
    long ? u32(LONG, LONG) : u32(directorySize, directoryOffset),
  ];
  return Buffer.concat([
    directory,
    ...(long ? [record, locator] : []),
    u32(0x06054b50),
    ...end,
    u16(comment.length),
    Buffer.from(comment, "latin1"),
  ]);
}

/** A zip archive of these files. */
export function zipOf(members: readonly Member[], archive: Archive = {}): Uint8Array {
  const { long = false } = archive;
  const parts: Buffer[] = [];
  const listed: Listed[] = [];
  let at = 0;
  for (const { name, data, method = 0, flags = 0, ...said } of members) {
    const content = method === 8 ? deflateRawSync(data) : Buffer.from(data);
    const { size = data.length, packed = content.length, offset = at } = said;
    const entry = { name, method, flags, crc: crc32(data), size, packed, offset };
    listed.push(entry);
    const part = Buffer.concat([localHeader(entry, long), content]);
    parts.push(part);
    at += part.length;
  }
  return new Uint8Array(Buffer.concat([...parts, directoryOf(listed, at, archive)]));
}
