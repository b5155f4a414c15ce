// Damage to what a tar archive holds and to what it says, with the checksums put right.

/** @typedef {(n: number) => number} Pick */

const BLOCK = 512;
const SIZES = [
  "77777777777\0",
  "00000000000\0",
  "-0000000001\0",
  "\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
];
const NAMES = ["../storages", "/etc/passwd", "pickle", "tensors", "storages", "sys_info", "./pickle"];

/**
 * The content of one file changed by `change`, or its name, size or type.
 * @param {Uint8Array} bytes
 * @param {Pick} pick
 * @param {(content: Uint8Array) => Uint8Array} change
 */
export function mutateTar(bytes, pick, change) {
  /** @type {{ header: Buffer, content: Uint8Array }[]} */
  const files = [];
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const header = Buffer.from(bytes.slice(at, at + BLOCK));
    const size = Number.parseInt(header.toString("latin1", 124, 135), 8);
    if (!(at + BLOCK + size <= bytes.length)) return bytes;
    files.push({ header, content: bytes.slice(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  const file = files[pick(files.length || 1)];
  if (!file) return bytes;
  const { header } = file;
  const kind = pick(9);
  if (kind > 3) {
    file.content = change(file.content);
    header.write(`${file.content.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  } else if (kind === 0) header.write(SIZES[pick(SIZES.length)] ?? "", 124, "latin1");
  else if (kind === 1) header.write(`${NAMES[pick(NAMES.length)]}\0`, 0, "latin1");
  else if (kind === 2) header[156] = 48 + pick(8);
  else files.splice(pick(files.length), 1);
  header.fill(32, 148, 156);
  header.write(
    `${header
      .reduce((a, b) => a + b, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1",
  );
  const parts = files.flatMap((f) => [
    f.header,
    f.content,
    new Uint8Array((BLOCK - (f.content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, new Uint8Array(2 * BLOCK)]);
}
