import { npyHeader } from "../../../../src/export/npy-header.js";
import { type Archive, type Member, zipOf } from "../archive.js";
import { attacks, join, latin1 } from "./attack.js";
import { zipped } from "./pickle-text.js";

const array = (count = 4): Uint8Array => join(npyHeader("float32", [count]), new Uint8Array(4 * count));
/** A .npz file of one array, changed. */
export const npz = (member: Partial<Member>, archive?: Archive): Uint8Array =>
  zipOf([{ name: "a.npy", data: array(), ...member }], archive);
const two = (name: string): Uint8Array =>
  zipOf([
    { name: "a.npy", data: array() },
    { name, data: array() },
  ]);
/** The archive with the entry's own name of the directory, 46 bytes behind its start, and these bytes there. */
const edited = (bytes: Uint8Array, at: (directory: number) => number, value: readonly number[]): Uint8Array => {
  bytes.set(value, at(Buffer.from(bytes).lastIndexOf("PK\x01\x02", undefined, "latin1")));
  return bytes;
};

export const zips = attacks([
  [
    "64 MiB and more out of 80 KB",
    () => npz({ data: join(npyHeader("float32", [20_000_000]), new Uint8Array(8e7)), method: 8 }),
    "itself is said to unpack to 80000128 bytes, and 67108864 are the most",
  ],
  [
    "a bomb that says little",
    () => npz({ data: join(array(), new Uint8Array(6e7)), method: 8, size: array().length }),
    "other bytes than it was packed with: its CRC-32 is 32c8638c, not fe8969c3",
  ],
  [
    "a pickle of 32 MiB out of 32 KB",
    () => zipOf([{ name: "a/data.pkl", data: new Uint8Array(2 ** 25), method: 8 }]),
    "itself has a pickle of 33554432 bytes, and 16777216 are the most",
  ],
  [
    "an archive in an archive",
    () => zipOf([{ name: "a/data.pkl", data: zipped("}"), method: 8 }]),
    "byte 27: the persistent id is the text",
  ],
  [
    "two entries of the same bytes",
    zipOf([
      { name: "a.npy", data: array() },
      { name: "b.npy", data: array(), offset: 0 },
    ]),
    "the entry 'b.npy' starts at byte 0, inside 'a.npy'",
  ],
  [
    "an entry inside another",
    zipOf([
      { name: "a.npy", data: npz({}) },
      { name: "b.npy", data: array(), offset: 35 },
    ]),
    "the entry 'b.npy' starts at byte 35, inside 'a.npy'",
  ],
  ["a name that leads up", two("../../evil.npy"), "byte 418: the entry '../../evil.npy' leads out of the archive"],
  [
    "a name that leads up on Windows",
    two("..\\evil.npy"),
    "byte 415: the entry '..\\evil.npy' leads out of the archive",
  ],
  ["an absolute name", two("/etc/evil.npy"), "byte 417: the entry '/etc/evil.npy' leads out of the archive"],
  ["a drive", two("C:evil.npy"), "byte 414: the entry 'C:evil.npy' leads out of the archive"],
  ["a name that ends early", two("a.npy\0.txt"), "byte 414: the entry 'a.npy\\u0000.txt' leads out of the archive"],
  ["two entries of one name", two("a.npy"), "byte 409: a second entry 'a.npy'"],
  ["a name that moves the cursor", two("\x1b[2J"), "itself is no .npz file: it has '\\u001b[2J'"],
  [
    "the folder above as that of the pickle",
    zipOf([{ name: "../data.pkl", data: latin1("\x80\x02}.") }]),
    "byte 45: the entry '../data.pkl' leads out of the archive",
  ],
  [
    "70,000 entries",
    () => zipOf(Array.from({ length: 70_000 }, (_, i) => ({ name: `${i}.npy`, data: new Uint8Array() }))),
    "byte 6312260: more than 65536 entries",
  ],
  [
    "64-bit fields of 2^60",
    npz({ size: 2 ** 60, packed: 2 ** 60 }, { long: true }),
    "itself has 1152921504606847000 bytes for 1152921504606847000 from byte 55 on, of 199",
  ],
  [
    "a header at 2^60",
    npz({ offset: 2 ** 60 }, { long: true }),
    "itself is not at byte 1152921504606847000, where it should be",
  ],
  [
    "a directory at 2^60",
    npz({}, { long: true, directoryOffset: 2 ** 60 }),
    "itself has its directory at bytes 1152921504606847000 to 1152921504606847000, which is not before",
  ],
  [
    "2^60 entries",
    npz({}, { long: true, count: 2 ** 60 }),
    "itself has a directory of 1152921504606847000 entries in 85 bytes, and 65536 in 16777216 are the",
  ],
  [
    "a directory of 2^60 bytes",
    npz({}, { long: true, directorySize: 2 ** 60 }),
    "itself has its directory at bytes 199 to 1152921504606847200, which is not before 284",
  ],
  ["no entries", npz({}, { count: 0 }), "itself announces 0 entries, but its directory has 1 names"],
  ["65,535 entries", npz({}, { count: 65_535 }), "itself announces 65535 entries, but its directory has 1 names"],
  ["a directory that is not there", npz({}, { directoryOffset: 7 }), "byte 7: no entry of the directory"],
  [
    "a size of 2^32 - 1 without its 64-bit field",
    npz({ size: 0xffff_ffff, packed: 0xffff_ffff }),
    "itself has 4294967295 bytes for 4294967295 from byte 35 on, of 179",
  ],
  [
    "an extra field that is longer than the entry",
    edited(npz({}), (at) => at + 30, [0xff, 0xff]),
    "byte 179: the entry goes beyond the directory",
  ],
  ["an encrypted entry", npz({ flags: 1 }), "byte 179: 'a.npy' is encrypted"],
  ["an entry with strong encryption", npz({ flags: 0x41 }), "byte 179: 'a.npy' is encrypted"],
  ["sizes behind the content", npz({ flags: 8 }), null],
  ["LZMA", npz({ method: 14 }), "itself is packed by method 14: only stored and deflated entries are read"],
  ["AES", npz({ method: 99 }), "itself is packed by method 99: only stored and deflated entries are read"],
  [
    "more than is packed",
    npz({ method: 8, size: 1000 }),
    "itself unpacks to 144 bytes, which is less than it announces",
  ],
  ["stored content of two sizes", npz({ size: 100 }), "itself has 144 bytes for 100 from byte 35 on, of 179"],
  [
    "packed content that is none",
    edited(npz({ method: 8 }), () => 36, [0xff, 0xff, 0xff]),
    "itself cannot be unpacked behind byte 0: its bytes are no deflated data",
  ],
  [
    "another directory in the comment",
    zipOf([{ name: "a.npy", data: array() }], { comment: `PK\x05\x06${"\0".repeat(16)}` }),
    null,
  ],
  ["one byte changed", edited(npz({}), (at) => at - 1, [1]), "other bytes than it was packed with: its CRC-32 is"],
  ["cut short", npz({}).subarray(0, 100), "itself is a zip archive that was cut short: its directory is missing"],
  [
    "a TorchScript program",
    zipOf(["a/data.pkl", "a/constants.pkl"].map((name) => ({ name, data: latin1("\x80\x02}.") }))),
    "itself is a TorchScript program: in PyTorch, save model.state_dict() with torch.save",
  ],
  [
    "a byte order that there is not",
    zipOf([
      { name: "a/data.pkl", data: latin1("\x80\x02}.") },
      { name: "a/byteorder", data: latin1("\x1bmiddle") },
    ]),
    "itself has the byte order '\\u001bmiddle', which is neither 'little' nor 'big'",
  ],
]);
