// Checkpoints of random numbers, spelled as timm, torchvision and torch.save spell them, so that a measurement needs no Python.

import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { backbones } from "../dist/models/index.js";
import { buildNetwork, initialize, squeezeExciteConv, tensor } from "../dist/src/index.js";

/** @typedef {import("../dist/src/index.js").Tensor} Tensor */
/** @typedef {readonly (readonly [key: string, tensor: Tensor])[]} StateDict */

/**
 * The state dict of a backbone: SE's layers are convolutions, as in timm, and every BatchNorm2d counts its batches.
 * @param {string} name
 * @param {{se?: null}} [options]
 * @returns {Promise<StateDict>}
 */
export async function stateDict(name, { se } = {}) {
  const architecture = await backbones.find((b) => b.name === name)?.load();
  if (!architecture) throw new Error(`there is no backbone '${name}'`);
  const { parameters } = buildNetwork(name, architecture, { se: se === null ? null : { block: squeezeExciteConv } });
  initialize(parameters);
  return parameters.flatMap(({ key, tensor: values }) => {
    const batches = key.replace(/running_var$/, "num_batches_tracked");
    return batches === key
      ? [[key, values]]
      : [
          [key, values],
          [batches, tensor("int64", [], new Uint8Array(8))],
        ];
  });
}

/** Bytes that go from tensor to file at a time. */
const CHUNK = 2 ** 20;

/** @param {Tensor} t */
async function* bytesOf(t) {
  for (let at = 0; at < t.byteLength; at += CHUNK) yield t.read(at, Math.min(t.byteLength, at + CHUNK));
}

/**
 * https://github.com/huggingface/safetensors: the header's length, the header, the tensors; wide elements first, then by name.
 * @param {string} file
 * @param {StateDict} dict
 */
export async function writeSafetensors(file, dict) {
  const order = [...dict].sort(([a, t], [b, u]) => u.dtype.localeCompare(t.dtype) || (a < b ? -1 : 1));
  let end = 0;
  const header = Object.fromEntries(
    order.map(([key, { dtype, shape, byteLength }]) => {
      const from = end;
      end += byteLength;
      return [key, { dtype: dtype === "int64" ? "I64" : "F32", shape, data_offsets: [from, end] }];
    }),
  );
  const json = JSON.stringify({ __metadata__: { format: "pt" }, ...header });
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  await using(file, async (write) => {
    await write(Buffer.concat([u32(padded.length, 0), text(padded)]));
    for (const [, t] of order) for await (const bytes of bytesOf(t)) await write(bytes);
  });
}

/**
 * What torch.save makes (torch/serialization.py, _save): a zip archive of stored entries, the content of each at a multiple of 64 bytes.
 * @param {string} file
 * @param {StateDict} dict
 */
export async function writeTorch(file, dict) {
  /** @type {(readonly [name: string, content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>])[]} */
  const entries = [
    ["data.pkl", () => [pickle(dict)]],
    ["byteorder", () => [text("little")]],
    .../** @type {typeof entries} */ (dict.map(([, t], i) => [`data/${i}`, () => bytesOf(t)])),
    ["version", () => [text("3\n")]],
  ];
  await using(file, async (write, at) => {
    const directory = [];
    for (const [name, content] of entries) {
      const [path, offset] = [text(`archive/${name}`), at()];
      let [crc, size] = [0, 0];
      for await (const bytes of content()) [crc, size] = [crc32(bytes, crc), size + bytes.length];
      const described = Buffer.concat([u16(0, 0, 0, 0, 0), u32(crc, size, size), u16(path.length)]);
      const padding = (64 - ((offset + 34 + path.length) % 64)) % 64;
      const extra = Buffer.concat([text("FB"), u16(padding), Buffer.alloc(padding, "Z")]);
      await write(Buffer.concat([text("PK\x03\x04"), described, u16(extra.length), path, extra]));
      for await (const bytes of content()) await write(bytes);
      directory.push(text("PK\x01\x02"), u16(0), described, u16(0, 0, 0, 0), u32(0, offset), path);
    }
    const [start, listed] = [at(), Buffer.concat(directory)];
    const count = entries.length;
    await write(
      Buffer.concat([listed, text("PK\x05\x06"), u16(0, 0, count, count), u32(listed.length, start), u16(0)]),
    );
  });
}

const text = (/** @type {string} */ t) => Buffer.from(t);
const u16 = (/** @type {number[]} */ ...values) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (/** @type {number[]} */ ...values) => Buffer.from(Uint32Array.from(values).buffer);

/**
 * An OrderedDict of tensors, each a view of a storage of its own (pickle protocol 2; torch/_utils.py, _rebuild_tensor_v2).
 * @param {StateDict} dict
 */
function pickle(dict) {
  const name = (/** @type {string} */ module, /** @type {string} */ member) => text(`c${module}\n${member}\n`);
  const string = (/** @type {string} */ t) => [text("X"), u32(t.length), text(t)];
  const integer = (/** @type {number} */ value) => [text("J"), u32(value)];
  const tuple = (/** @type {readonly number[]} */ values) => [text("("), ...values.flatMap(integer), text("t")];
  const empty = [name("collections", "OrderedDict"), text(")R")];
  const items = dict.flatMap(([key, { dtype, shape }], i) => [
    ...string(key),
    ...[name("torch._utils", "_rebuild_tensor_v2"), text("((")],
    ...[...string("storage"), name("torch", dtype === "int64" ? "LongStorage" : "FloatStorage")],
    ...[...string(`${i}`), ...string("cpu"), ...integer(shape.reduce((n, d) => n * d, 1)), text("tQ")],
    ...[
      ...integer(0),
      ...tuple(shape),
      ...tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((n, d) => n * d, 1))),
    ],
    ...[Buffer.of(0x89), ...empty, text("tR")],
  ]);
  return Buffer.concat([Buffer.of(0x80, 2), ...empty, text("("), ...items, text("u.")]);
}

/**
 * Lets `use` write a file from its start to its end; `at` says where it has come to.
 * @param {string} file
 * @param {(write: (bytes: Uint8Array) => Promise<void>, at: () => number) => Promise<void>} use
 */
async function using(file, use) {
  const handle = await open(file, "wx");
  let end = 0;
  try {
    await use(
      async (bytes) => {
        await handle.writeFile(bytes);
        end += bytes.length;
      },
      () => end,
    );
  } finally {
    await handle.close();
  }
}
