// What is fuzzed: each reader with its inputs, and what has to hold where it reads one.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PLAIN } from "./mutate.mjs";

const test = fileURLToPath(new URL("../test/", import.meta.url));
/**
 * @param {string} folder
 * @param {RegExp} name
 * @param {number} [longest]
 */
const files = (folder, name, longest = 1e5) =>
  readdirSync(test + folder)
    .filter((file) => name.test(file))
    .map((file) => new Uint8Array(readFileSync(`${test}${folder}/${file}`)))
    .filter((bytes) => bytes.length <= longest);

/** Half of the mutations of a reader are of a kind that knows its format. @param {string} kind */
const often = (kind) => /** @type {string[]} */ (Array(PLAIN.length).fill(kind));
/** PyTorch's containers. */
const TORCH = [
  { name: "zip", inputs: /^(zip|wrapped|deflated|protocol4|big-endian)\.pth$/, kind: "zip" },
  { name: "legacy", inputs: /^legacy\.pth$/, kind: "pickle" },
  { name: "legacy-0.3", inputs: /^legacy-0\.3\.pth$/, kind: "pickle" },
  { name: "tar", inputs: /^tar\.pth$/, kind: "tar" },
];

/**
 * @param {import("./library.mjs").Library} lib  the functions of dist/ or, in Vitest, of src/
 * @returns {readonly import("./readers.mjs").Reader[]}
 */
export function readers(lib) {
  const models = files("export/goldens", /\.onnx$/);
  return [
    {
      name: "onnx",
      inputs: models,
      kinds: [...PLAIN, ...often("message")],
      read: (bytes) => readOnnx(lib, bytes),
    },
    { name: "onnx by range", inputs: models, kinds: [...PLAIN, "message"], read: (bytes) => compareRanged(lib, bytes) },
    {
      name: "optimize",
      inputs: [...files("graph/goldens/exported-se", /\.onnx$/), ...models],
      kinds: [...PLAIN, ...often("message")],
      read: (bytes) => rewrite(lib, bytes),
    },
    {
      name: "safetensors",
      inputs: safetensors(),
      kinds: [...PLAIN, ...often("header")],
      read: (bytes) => readTensors(lib.readSafetensors(ranged(bytes), "mutant"), lib),
    },
    ...TORCH.map(({ name, inputs, kind }) => ({
      name: `pth ${name}`,
      inputs: files("export/goldens/weights", inputs),
      kinds: [...PLAIN, ...often(kind)],
      read: (/** @type {Uint8Array} */ bytes) => readTensors(lib.readTorch(ranged(bytes), "mutant"), lib),
    })),
    {
      name: "npz",
      inputs: files("export/goldens/weights", /^(stored|packed)\.npz$/),
      kinds: [...PLAIN, ...often("zip")],
      read: (bytes) => readTensors(lib.readNpz(ranged(bytes), "mutant"), lib),
    },
    {
      name: "sharded",
      inputs: files("export/goldens/weights", /index\.json$/),
      kinds: [...PLAIN, ...often("json")],
      read: (bytes) => readTensors(lib.readWeights(ranged(bytes), "mutant", sibling), lib),
    },
    {
      name: "onnx weights",
      inputs: [...models, ...files("export/goldens/weights", /\.onnx$/)],
      kinds: [...PLAIN, ...often("message")],
      read: (bytes) => readTensors(lib.readWeights(ranged(bytes), "mutant", sibling), lib),
    },
    {
      name: "weights",
      inputs: files("export/goldens/weights", /\.(pth|npz|safetensors|onnx|index\.json)$/),
      kinds: [...PLAIN, "pickle", "zip", "tar", "header", "json", "message"],
      read: (bytes) => readTensors(lib.readWeights(ranged(bytes), "mutant", sibling), lib),
    },
    { name: "npy", inputs: npys(lib), kinds: PLAIN, read: async (bytes) => readNpy(lib, bytes) },
    {
      name: "image",
      inputs: files("infer/goldens/images", /\.(gif|jpg|png|tif|webp)$/),
      kinds: PLAIN,
      read: (bytes) => lib.decodeImage(bytes).then(readPixels),
      memory: 2 ** 31,
      limit: 20_000, // a picture may have 268 million pixels, and takes its time then
    },
  ];
}

/**
 * What is rewritten for a target, of a batch that is known or not, is valid, is written and decodes again.
 * @param {import("./library.mjs").Library} lib
 * @param {Uint8Array} bytes
 */
async function rewrite(lib, bytes) {
  const graph = await lib.decode(bytes);
  const { name: target } = lib.targets[bytes.length % lib.targets.length] ?? {};
  if (bytes.length % 3 || target === "ort-cpu") lib.specialise(graph, { batch: 1 + (bytes.length % 2) });
  lib.optimize(graph, lib.planPasses({ target }));
  const written = await lib.encodeToBytes(graph);
  must((await lib.decode(written)).nodes.length === graph.nodes.length, "what is rewritten decodes to as many nodes");
}

/** @param {Uint8Array} bytes */
const ranged = (bytes) => ({
  byteLength: bytes.length,
  read: async (/** @type {number} */ start, /** @type {number} */ end) => {
    if (!(start >= 0 && start <= end && end <= bytes.length))
      throw new Error(`bytes ${start} to ${end} of ${bytes.length} asked for`);
    return bytes.slice(start, end);
  },
});
/**
 * @param {boolean} holds
 * @param {string} what
 */
function must(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
}

/**
 * What is decoded can be checked and written, and what is written decodes to what writes the same bytes.
 * @param {import("./library.mjs").Library} lib
 * @param {Uint8Array} bytes
 */
async function readOnnx(lib, bytes) {
  const graph = await lib.decode(bytes);
  lib.check(graph);
  const written = await lib.encodeToBytes(graph);
  const again = await lib.encodeToBytes(
    await lib.decode(written).catch((e) => must(false, `what was written is read (${e.message})`)),
  );
  must(Buffer.compare(written, again) === 0, "what was written is written again");
}

/**
 * Reading part by part gives what reading the whole does.
 * @param {import("./library.mjs").Library} lib
 * @param {Uint8Array} bytes
 */
async function compareRanged(lib, bytes) {
  const refused = (/** @type {unknown} */ e) => {
    if (e instanceof lib.UserError) return e;
    throw e;
  };
  const parts = await lib.readMessage(lib.ModelProto, ranged(bytes), 24).then(held, refused);
  const whole = await lib.readMessage(lib.ModelProto, ranged(bytes), bytes.length).catch(refused);
  if (whole instanceof Error || parts instanceof Error) {
    must(whole instanceof Error && parts instanceof Error, `both refuse: ${whole.message}, ${parts.message}`);
    throw whole;
  }
  must(JSON.stringify(parts, plain) === JSON.stringify(whole, plain), "the parts are the whole");
}
/** @param {string} _ @param {unknown} v */
const plain = (_, v) =>
  typeof v === "bigint"
    ? `${v}n`
    : v instanceof Uint8Array
      ? Buffer.from(v).toString("hex")
      : Object.is(v, -0)
        ? "-0"
        : v;
/** @param {any} message @returns {Promise<any>} */
async function held(message) {
  if (message instanceof Uint8Array || typeof message !== "object") return message;
  if (Array.isArray(message)) return Promise.all(message.map(held));
  if (message.read) return message.read(0, message.byteLength);
  return Object.fromEntries(await Promise.all(Object.entries(message).map(async ([k, v]) => [k, await held(v)])));
}

/**
 * What is refused is refused by the name of the file or the shard, and what is read has all its bytes, the same in parts as at once.
 * @param {Promise<import("../src/graph/bind.js").WeightSource>} source
 * @param {import("./library.mjs").Library} lib
 */
async function readTensors(source, lib) {
  try {
    for (const [key, t] of (await source).tensors) await readTensor(key, t);
  } catch (e) {
    if (e instanceof lib.UserError) must(NAMED.test(e.message), `'${e.message}' names the file`);
    throw e;
  }
}
const NAMED = /mutant|-of-00002\.safetensors|'[^']+' cannot be read|\.(pth|npz|onnx|json)/;

/** @param {string} key @param {import("../src/graph/tensor.js").Tensor} t */
async function readTensor(key, t) {
  const start = Math.max(0, t.byteLength - LONGEST); // the end of long ones, which a mutant may say is far away
  const end = await t.read(start, t.byteLength);
  must(end.length === t.byteLength - start, `'${key}' has its bytes`);
  const front = Math.min(t.byteLength, LONGEST);
  must((await t.read(0, front)).length === front, `'${key}' has its front`);
  const middle = start + Math.floor((t.byteLength - start) / 32) * 16; // where elements of all types begin
  const parts = [await t.read(start, middle), await t.read(middle, t.byteLength)];
  must(Buffer.compare(Buffer.concat(parts), end) === 0, `'${key}' is the same in parts`);
}
/** Bytes of a tensor that are read; elements of all types begin there. */
const LONGEST = 2 ** 18;
const siblings = new Map(
  readdirSync(`${test}export/goldens/weights`).map((name) => [
    name,
    ranged(new Uint8Array(readFileSync(`${test}export/goldens/weights/${name}`))),
  ]),
);
/** @param {string} name */
const sibling = async (name) => siblings.get(name) ?? ranged(new Uint8Array());

function safetensors() {
  const file = (/** @type {object} */ header, /** @type {number} */ room) => {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return new Uint8Array(Buffer.concat([length, json, Buffer.alloc(room)]));
  };
  const two = {
    a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
    b: { dtype: "I64", shape: [], data_offsets: [24, 32] },
  };
  const [golden] = files("export/goldens", /\.safetensors$/);
  const short = golden?.slice(0, 8 + new DataView(golden.buffer).getUint32(0, true)); // the header alone, then what it is of
  return [file({}, 0), file({ __metadata__: { a: "b" }, ...two }, 32), ...(golden && short ? [golden, short] : [])];
}

/**
 * @param {import("./library.mjs").Library} lib
 * @param {Uint8Array} bytes
 */
function readNpy(lib, bytes) {
  const { shape, data } = lib.decodeNpy(bytes, "mutant");
  must(
    shape.every((d) => Number.isSafeInteger(d) && d >= 0),
    `[${shape}] is a shape`,
  );
  must(shape.reduce((a, b) => a * b, 1) === data.length, `[${shape}] is the shape of ${data.length} elements`);
}
/** @param {import("../src/infer/pixels.js").Pixels} pixels */
const readPixels = ({ width, height, data }) =>
  must(data.length === width * height * 3, `${data.length} bytes are ${width}x${height} pixels`);

/** @param {import("./library.mjs").Library} lib */
const npys = (lib) => [
  lib.encodeNpy({ dtype: "float32", shape: [2, 3], data: new Float32Array(6) }),
  lib.encodeNpy({ dtype: "int64", shape: [], data: new BigInt64Array(1) }),
  lib.encodeNpy({ dtype: "uint8", shape: [0], data: new Uint8Array(0) }),
];
