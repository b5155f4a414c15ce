// Damage to what a zip archive holds and to what it says, in an archive that is whole otherwise.

import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * @typedef {(n: number) => number} Pick
 * @typedef {{ name: string, method: number, content: Uint8Array }} Entry
 */

/** @param {Uint8Array} bytes @returns {Entry[] | null} the entries of an archive that tells the truth */
function parse(bytes) {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = file.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0) return null;
  const entries = [];
  try {
    for (let at = file.readUInt32LE(end + 16), n = file.readUInt16LE(end + 10); n > 0; n--) {
      const [method, packed, local] = [
        file.readUInt16LE(at + 10),
        file.readUInt32LE(at + 20),
        file.readUInt32LE(at + 42),
      ];
      const [nameSize, extra, comment] = [28, 30, 32].map((p) => file.readUInt16LE(at + p));
      const name = file.toString("utf8", at + 46, at + 46 + (nameSize ?? 0));
      const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
      const content = file.subarray(start, start + packed);
      entries.push({
        name,
        method,
        content: new Uint8Array(method === 8 ? inflateRawSync(content, { maxOutputLength: 1e6 }) : content),
      });
      at += 46 + (nameSize ?? 0) + (extra ?? 0) + (comment ?? 0);
    }
  } catch {
    return null;
  }
  return entries.length ? entries : null;
}

/** @param {readonly Entry[]} entries @param {(header: Buffer, kind: "local" | "central" | "end") => void} [lie] */
function spell(entries, lie = () => {}) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { name, method, content } of entries) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const spelled = Buffer.from(name);
    const fields = Buffer.alloc(26); // version, flags, method, time, crc, sizes, lengths
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(spelled.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\0", "latin1"), fields, place]);
    lie(local, "local");
    lie(central, "central");
    parts.push(local, spelled, packed);
    directory.push(central, spelled);
    at += local.length + spelled.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((n, b) => n + b.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  lie(end, "end");
  return Buffer.concat([...parts, ...directory, end]);
}

const LIES = [0, 1, 2, 0xff, 0xfffe, 0xffff, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff];
const NAMES = [
  "../../x",
  "/etc/x",
  "C:\\x",
  "data.pkl",
  "byteorder",
  "constants.pkl",
  "archive/data/0",
  "a.npy",
  "\u202ea\n",
  "",
];

/**
 * The content of one entry changed by `change`, with its size and checksum put right; an entry taken out, doubled, renamed, packed; or one field of a header that
 * lies.
 * @param {Uint8Array} bytes
 * @param {Pick} pick
 * @param {(content: Uint8Array) => Uint8Array} change
 */
export function mutateZip(bytes, pick, change) {
  const entries = parse(bytes);
  if (!entries) return bytes;
  const main = entries.findIndex(({ name }) => name.endsWith("data.pkl"));
  const at = main >= 0 && pick(3) ? main : pick(entries.length);
  const entry = /** @type {Entry} */ (entries[at]); // at < length
  switch (pick(9)) {
    case 0: {
      let lies = 1 + pick(2);
      return spell(entries, (header) => {
        if (lies <= 0 || pick(entries.length + 1)) return;
        lies--;
        const long = pick(3) > 0;
        const value = LIES[pick(LIES.length)] ?? 0;
        const place = 4 + pick(header.length - 7);
        if (long) header.writeUInt32LE(value, place);
        else header.writeUInt16LE(value & 0xffff, place);
      });
    }
    case 1:
      entries.splice(at, 1);
      break;
    case 2:
      entries.splice(pick(entries.length + 1), 0, {
        ...entry,
        ...(pick(2) ? { name: NAMES[pick(NAMES.length)] ?? "" } : {}),
      });
      break;
    case 3:
      entries[at] = { ...entry, name: NAMES[pick(NAMES.length)] ?? "" };
      break;
    case 4:
      entries[at] = { ...entry, method: entry.method === 8 ? 0 : 8 };
      break;
    default:
      entries[at] = { ...entry, content: change(entry.content) };
  }
  return spell(entries);
}
