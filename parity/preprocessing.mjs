// npm run parity:preprocessing [-- FOLDER]: prepares photographs by the preset of every published checkpoint, and compares the tensors with
// those of timm's, torchvision's and Cadene's own transforms. FOLDER has the photographs: $SE_ONNX_PHOTOS, else test/photos, unless given.
// docs/data/preprocessing.json is written anew.
// Exits 0 when all agree or the reference packages are absent (it says how to get them), 1 when one does not, 2 on bad options.

import { existsSync } from "node:fs";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inFolder } from "./folder.mjs";
import { readNpy } from "./npy.mjs";
import { cli } from "./product.mjs";
import { missing, runPython } from "./python.mjs";
import { table } from "./table.mjs";

/** Largest difference of two numbers of the tensors. */
const LIMIT = 1e-6;
/** Presets whose tensors are on the disk at a time. */
const BATCH = 8;

/**
 * @typedef {{input_size: number[], interpolation: string, mean: number[], std: number[], crop_pct: number, crop_mode: string}} Preset
 * @typedef {{preset: Preset, checkpoints: [publisher: string, checkpoint: string, atTestSize: boolean][]}} Presets
 * @typedef {{package: string, transform: string, checkpoints: string[]}} Transform
 * @typedef {Transform & {preset: Preset, difference: number, passed: boolean, problem?: string}} Result
 */

/** @param {string} path within the package under test */
const load = (path) => import(new URL(`../${path}`, pathToFileURL(cli)).href);

/**
 * The different presets, each with the checkpoints that have it, at their own size or at that of their tests.
 * @param {{name: string, preprocessing: Preset | null, test: Partial<Preset> | null}[]} pretrained
 * @returns {Presets[]}
 */
function presetsOf(pretrained) {
  /** @type {Map<string, Presets>} */
  const found = new Map();
  for (const { name, preprocessing, test } of pretrained) {
    if (!preprocessing) continue;
    const [publisher = "", ...checkpoint] = name.split("/");
    for (const atTestSize of [false, true]) {
      const preset = atTestSize ? { ...preprocessing, ...test } : preprocessing;
      const key = JSON.stringify(Object.entries(preset).sort());
      const entry = found.get(key) ?? { preset, checkpoints: [] };
      entry.checkpoints.push([publisher, checkpoint.join("/"), atTestSize]);
      found.set(key, entry);
    }
  }
  return [...found.values()];
}

/**
 * max|ours - reference|; NaN where either has one.
 * @param {Float32Array} ours
 * @param {{shape: number[], data: Float32Array}} reference
 */
function difference(ours, { shape, data }) {
  if (ours.length !== data.length) throw new Error(`${ours.length} numbers where the package has [${shape}]`);
  return ours.reduce((max, value, i) => Math.max(max, Math.abs(value - (data[i] ?? Number.NaN))), 0);
}

/**
 * Compares some presets, each with every transform that its checkpoints have.
 * @param {Presets[]} presets
 * @param {string[]} photos
 * @returns {Promise<Result[]>}
 */
async function compare(presets, photos) {
  const { decodeImage } = await load("src/infer/node/decode-image.js");
  const { prepare } = await load("src/infer/preprocess.js");
  return inFolder(async (folder) => {
    const list = join(folder, "presets.json");
    await writeFile(list, JSON.stringify(presets));
    /** @type {Transform[][]} */
    const transforms = JSON.parse(await runPython("preprocessing.py", [list, folder, ...photos]));
    const results = [];
    for (const [p, { preset }] of presets.entries()) {
      for (const [t, transform] of (transforms[p] ?? []).entries()) {
        const result = { preset, ...transform };
        try {
          let largest = 0;
          for (const [n, photo] of photos.entries()) {
            const reference = await readNpy(join(folder, `${p}-${t}-${n}.npy`));
            largest = Math.max(largest, difference(prepare(await decodeImage(photo), preset), reference));
          }
          results.push({ ...result, difference: largest, passed: largest <= LIMIT });
        } catch (/** @type {any} */ error) {
          results.push({ ...result, difference: Number.NaN, passed: false, problem: String(error?.message ?? error) });
        }
      }
    }
    return results;
  });
}

const [folder = process.env.SE_ONNX_PHOTOS || fileURLToPath(new URL("../test/photos", import.meta.url))] =
  process.argv.slice(2);
const absent = await missing(["torch", "torchvision", "timm", "PIL"]);
if (absent) {
  console.log(`parity of preprocessing skipped: ${absent}`);
  process.exit(0);
}
if (!existsSync(cli)) {
  console.error(`${cli} is not there: run npm run build first`);
  process.exit(2);
}
const photos = (await readdir(folder)).filter((name) => /\.(jpe?g|png)$/.test(name)).map((name) => join(folder, name));
if (photos.length === 0) {
  console.error(`${folder} has no .jpg or .png: name a folder of photographs`);
  process.exit(2);
}

const { pretrained } = await load("models/pretrained/index.js");
const presets = presetsOf(pretrained);
const names = photos.map((photo) => basename(photo));
console.log(
  `${presets.length} presets on ${names.join(", ")}: max|ours - the package's| of the tensors, at most ${LIMIT}\n`,
);
const row = table([
  ["size", 4],
  ["crop_pct", 8],
  ["resize", 6],
  ["interpolation", 13],
  ["mean, std", 9],
  ["package", 11],
  ["checkpoints", 11],
  ["difference", 10],
]);
/** @type {Result[]} */
const results = [];
for (let at = 0; at < presets.length; at += BATCH) {
  for (const result of await compare(presets.slice(at, at + BATCH), photos)) {
    results.push(result);
    const { preset, checkpoints, passed, problem } = result;
    const [, size = 0] = preset.input_size;
    const resize = Math.floor(size / preset.crop_pct);
    const cells = [preset.interpolation, `${preset.mean[0]}, ${preset.std[0]}`, result.package, checkpoints.length];
    const failure = passed ? [] : [`FAILED: ${problem ?? result.transform} (${checkpoints.slice(0, 3).join(", ")})`];
    console.log(row(size, preset.crop_pct, resize, ...cells, result.difference.toExponential(1), ...failure));
  }
}
const without = pretrained.filter((/** @type {{preprocessing: Preset | null}} */ entry) => !entry.preprocessing).length;
const failed = results.filter(({ passed }) => !passed).length;
console.log(`\n${results.length - failed} passed, ${failed} failed; ${without} checkpoints have no preset`);

const file = fileURLToPath(new URL("../docs/data/preprocessing.json", import.meta.url));
const lines = results.map((result) => JSON.stringify({ ...result, checkpoints: result.checkpoints.length }));
await mkdir(join(file, ".."), { recursive: true });
await writeFile(
  `${file}.new`,
  `{ "limit": ${LIMIT}, "photos": ${JSON.stringify(names)}, "compared": [\n${lines.join(",\n")}\n] }\n`,
);
await rename(`${file}.new`, file);
process.exit(failed > 0 ? 1 : 0);
