// npm run parity:devices [-- NAME...]: every backbone family on the processor, in WebAssembly and on WebGPU, in Node and in Chromium, and the forms that
// files can have, each held against the network as it is built, on cpu. Without a graphics card WebGPU runs on a software adapter, for which
// VK_DRIVER_FILES has to name Chromium's vk_swiftshader_icd.json where it is not in /usr/lib/chromium. NAME keeps the cases whose name contains it.
// docs/data/devices.json has the last result of every case, docs/providers.md its table. Exits 0 when all that could be tried agree, 1 when one does not, 2 on bad options.

import { existsSync } from "node:fs";
import { backbones } from "../dist/models/index.js";
import { targets } from "../dist/src/graph/targets.js";
import { buildModel, encodeToBytes } from "../dist/src/index.js";
import { providers } from "../dist/src/infer/node/providers/index.js";
import { sentence } from "../dist/src/infer/provider.js";
import { open } from "../dist/src/node.js";
import { openChromium } from "./chromium.mjs";
import { cases, PLACES } from "./devices-cases.mjs";
import { recorder } from "./results.mjs";
import { table } from "./table.mjs";

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES ??= SWIFTSHADER;
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const BATCH = 2;
/** What ONNX Runtime says of an adapter without the feature shader-f16, as the software adapter is: float16 cannot be tried there. */
const NO_HALF = "requires f16 but the device does not support it";
/** Least relative difference of the two images' outputs: a mix-up of them would be seen. */
const APART = 1e-2;
const { fround } = Math;
const [MEAN, STD] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

/** Two images of bytes, [2,3,size,size], whose colours and contrast differ. @param {number} size */
function pixels(size) {
  const bytes = new Uint8Array(BATCH * 3 * size * size);
  let state = 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = i < bytes.length / 2 ? state >>> 24 : 40 + (state >>> 26) * (1 + (Math.floor(i / (size * size)) % 3));
  }
  return bytes;
}

/**
 * The images as the case's file takes them.
 * @param {Pick<import("./devices-cases.mjs").Case, "size" | "options">} of
 * @returns {import("../src/infer/session.js").HostTensor}
 */
function inputOf({ size, options: { normalize, inputType } }) {
  const bytes = pixels(size);
  const area = size * size;
  if (inputType === "uint8") {
    const data = new Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      const [image, channel] = [Math.floor(i / (3 * area)), Math.floor(i / area) % 3];
      data[(image * area + (i % area)) * 3 + channel] = bytes[i] ?? 0;
    }
    return { dtype: "uint8", shape: [BATCH, size, size, 3], data };
  }
  const data = Float32Array.from(bytes, (byte, i) => {
    const channel = Math.floor(i / area) % 3;
    const value = fround(byte / 255);
    return normalize ? value : fround(fround(value - fround(MEAN[channel] ?? 0)) / fround(STD[channel] ?? 1));
  });
  return { dtype: "float32", shape: [BATCH, 3, size, size], data };
}

/** @param {Pick<import("./devices-cases.mjs").Case, "backbone" | "size" | "options" | "target">} of */
async function fileOf({ backbone, size, options, target }) {
  const architecture = await backbones.find(({ name }) => name === backbone)?.load();
  if (!architecture) throw new Error(`there is no backbone ${backbone}`);
  const chosen = targets.find(({ name }) => name === target);
  const all = { ...options, inputSize: size, batch: BATCH, weights: { seed: 1 }, ...(chosen && { target: chosen }) };
  return encodeToBytes(buildModel(backbone, architecture, all).graph);
}

/**
 * @param {Uint8Array} model
 * @param {string} device
 * @param {import("../src/infer/session.js").HostTensor} tensor
 * @returns {Promise<import("./chromium.mjs").Outcome>}
 */
async function onNode(model, device, tensor) {
  const session = await open(model, { device });
  try {
    const [output] = Object.values(await session.run({ [session.inputs[0]?.name ?? ""]: tensor }));
    return { numbers: Array.from(output?.data ?? [], Number), fallback: session.fallback };
  } finally {
    await session.close();
  }
}

/** Of each image. @param {readonly number[]} logits */
function softmax(logits) {
  const classes = logits.length / BATCH;
  return [0, 1].flatMap((image) => {
    const row = logits.slice(image * classes, (image + 1) * classes);
    const most = Math.max(...row);
    const powers = row.map((x) => Math.exp(x - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / sum);
  });
}

/** max|a - b| / max|b|; NaN where they are not of one length. @param {readonly number[]} a @param {readonly number[]} b */
function difference(a, b) {
  if (a.length !== b.length || !b.length) return Number.NaN;
  const most = (/** @type {number[]} */ values) => values.reduce((x, y) => (y > x || Number.isNaN(y) ? y : x), 0);
  return most(a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / most(b.map(Math.abs));
}

const filters = process.argv.slice(2);
const chosen = cases.filter(({ name }) => !filters.length || filters.some((filter) => name.includes(filter)));
if (!chosen.length) {
  const names = cases.map(({ name }) => name).join(", ");
  console.error(`no case to run is called '${filters.join("' or '")}'; choose from: ${names}`);
  process.exit(2);
}

const chromium = existsSync(CHROMIUM) ? await openChromium(CHROMIUM) : null;
/** @type {Map<import("./devices-cases.mjs").Place, string>} */
const absent = new Map();
for (const name of /** @type {const} */ (["cpu", "wasm", "webgpu"])) {
  const available = await providers.all.find((p) => p.name === name)?.available();
  if (available !== true) absent.set(name, available ? sentence(available) : "there is no such provider");
}
if (!chromium) for (const place of PLACES.slice(3)) absent.set(place, `no Chromium at ${CHROMIUM}: set CHROMIUM`);
for (const [place, reason] of absent) console.log(`${place} is left out: ${reason}`);

const record = recorder("devices.json", { batch: BATCH, chromium: chromium?.version ?? null }, cases);
console.log(`error: largest |there - cpu| / largest |cpu| of the outputs, cpu being the network as it is built, at most 1e-4, 2e-2 where the network computes
in float16; images: the same between the two images, at least ${APART}\n`);
const row = table([
  ["network, pixels, form, place", Math.max(...chosen.map(({ name }) => name.length))],
  ["error", 7],
  ["images", 6],
  ["seconds", 7],
]);
let [passes, failed] = [0, 0];
/** Of the network last run, as it is built. */
let plain = { network: "", numbers: /** @type {number[]} */ ([]) };
for (const of of chosen) {
  if (absent.has(of.place)) continue;
  const network = `${of.backbone} ${of.size}`;
  if (plain.network !== network) {
    const built = { ...of, options: {}, target: "" };
    plain = { network, numbers: (await onNode(await fileOf(built), "cpu", inputOf(built))).numbers };
  }
  const expected = of.options.softmax ? softmax(plain.numbers) : plain.numbers;
  const half = expected.length / BATCH;
  const images = difference(expected.slice(0, half), expected.slice(half));
  const started = performance.now();
  const { error, ...there } = await compare(of, expected);
  const seconds = (performance.now() - started) / 1000;
  if (there.problem?.includes(NO_HALF)) {
    await record({ name: of.name, leftOut: "no 16-bit floats" });
    console.log(row(of.name, "-", "", "", "left out: the adapter has no 16-bit floats"));
    continue;
  }
  const passed = error !== null && error <= of.limit && images >= APART;
  await record({ name: of.name, passed, error, limit: of.limit, images, seconds, ...there });
  const notes = [passed ? [] : ["FAILED"], there.fallback ? ["partly on the processor"] : [], there.problem ?? []];
  console.log(row(of.name, error?.toExponential(1) ?? "-", images.toFixed(2), seconds.toFixed(0), ...notes.flat()));
  if (passed) passes++;
  else failed++;
}
await chromium?.close();
console.log(`\n${passes} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

/**
 * Runs the case, and holds its output against `expected`.
 * @param {import("./devices-cases.mjs").Case} of
 * @param {readonly number[]} expected
 * @returns {Promise<{error: number | null, fallback?: boolean, problem?: string}>}
 */
async function compare(of, expected) {
  try {
    const model = await fileOf(of);
    const device = of.place.replace("chromium ", "");
    const { numbers, fallback } =
      device !== of.place && chromium
        ? await chromium.run(model, device, inputOf(of))
        : await onNode(model, device, inputOf(of));
    return { error: difference(numbers, expected), ...(fallback && { fallback }) };
  } catch (e) {
    return { error: null, problem: e instanceof Error ? (e.message.split("\n")[0] ?? "") : String(e) };
  }
}
