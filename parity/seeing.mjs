// npm run parity:seeing [-- NAME...]: class activation maps, their pictures and the gates of photographs, by `se-onnx cam` and `se-onnx gates` and by
// PyTorch with the same weights. NAME keeps the networks whose name contains it. docs/data/seeing.json and, when all networks are compared,
// test/infer/goldens/activation.json are written anew.
// Exits 0 when all agree or the reference packages are absent (it says how to get them), 1 when one does not, 2 on bad options.

import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { inFolder } from "./folder.mjs";
import { readNpy, relativeError } from "./npy.mjs";
import { buildModel, runJson, sentence } from "./product.mjs";
import { missing, runPython } from "./python.mjs";
import { table } from "./table.mjs";

/** Largest relative error of a map, and largest error of a gate. */
const LIMIT = 1e-4;
/** Largest difference of a picture's bytes: a colour that falls between two of them. */
const BYTES = 1;
/** Least relative error of the map of another class. */
const FAULT = 1e-3;
/** Least difference of a picture's bytes where the map is resized with corners on corners. */
const FAULT_BYTES = 5;

/** Several forms of the same head: modules and functions, with dropout before the linear layer and without. */
const CASES = [
  ["resnet18", 224],
  ["resnet50", 224],
  ["densenet121", 224],
  ["googlenet", 224],
  ["inception_v3", 299],
  ["mobilenet_v2", 224],
  ["efficientnet_b0", 224],
  ["regnet_y_400mf", 224],
];
/** The smallest input of test/models/goldens/parity, of which the goldens here are too. */
const GOLDENS = [
  ["resnet18", 72],
  ["densenet121", 72],
  ["efficientnet_b0", 72],
  ["googlenet", 72],
];

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const photos = (await readdir(place("test/photos")))
  .filter((name) => /\.(jpg|png)$/.test(name))
  .map((name) => place(`test/photos/${name}`));

/**
 * Largest difference of a PNG's bytes from a float32 [H,W,3] array.
 * @param {string} png  @param {string} npy
 */
async function byteDifference(png, npy) {
  const [{ data }, reference] = await Promise.all([
    sharp(png).raw().toBuffer({ resolveWithObject: true }),
    readNpy(npy),
  ]);
  if (data.length !== reference.data.length)
    throw new Error(`${data.length} bytes where PyTorch has [${reference.shape}]`);
  return reference.data.reduce((max, value, i) => Math.max(max, Math.abs(value - (data[i] ?? Number.NaN))), 0);
}

/** @param {string} backbone  @param {number} size  @param {string} folder */
async function compare(backbone, size, folder) {
  const of = { name: backbone, backbone, inputs: /** @type {[number, number][]} */ ([[2, size]]) };
  /** @type {{class: number, logit: number}[]} */
  const expected = JSON.parse(await runPython("seeing.py", [JSON.stringify(of), folder, ...photos]));
  const model = await buildModel(of, size, folder);
  const found = {
    backbone,
    photos: photos.length,
    map: 0,
    bytes: 0,
    gates: 0,
    otherClass: Number.POSITIVE_INFINITY,
    corners: Number.POSITIVE_INFINITY,
  };
  for (const [n, { class: index }] of expected.entries()) {
    /** @param {string} name */
    const file = (name) => join(folder, `${n}-${name}`);
    const [png, map, reference] = [file("out.png"), file("out.npy"), file("cam.npy")];
    const seen = await runJson(["cam", model, photos[n] ?? "", "-o", png, "--map", map]);
    if (seen.class !== index) throw new Error(`class ${seen.class} is ahead where PyTorch has ${index}`);
    found.map = Math.max(found.map, await relativeError(map, reference));
    found.bytes = Math.max(found.bytes, await byteDifference(png, file("overlay.npy")));
    found.corners = Math.min(found.corners, await byteDifference(png, file("corners.npy")));
    await runJson(["cam", model, photos[n] ?? "", "-o", png, "--map", map, "--class", String((index + 1) % 1000)]);
    found.otherClass = Math.min(found.otherClass, await relativeError(map, reference));
    const { blocks } = await runJson(["gates", model, photos[n] ?? ""]);
    for (const [b, { gates }] of blocks.entries()) {
      const { data } = await readNpy(file(`gates-${b}.npy`));
      for (const [c, gate] of data.entries())
        if (!Number.isNaN(gate)) found.gates = Math.max(found.gates, Math.abs(gate - gates[c]));
    }
  }
  const passed =
    found.map <= LIMIT &&
    found.gates <= LIMIT &&
    found.bytes <= BYTES &&
    found.otherClass >= FAULT &&
    found.corners >= FAULT_BYTES;
  return { ...found, passed };
}

const filters = process.argv.slice(2);
const chosen = CASES.filter(
  ([name]) => filters.length === 0 || filters.some((filter) => String(name).includes(filter)),
);
if (!chosen.length) {
  console.error(
    `no network to compare is called '${filters.join("' or '")}'; choose from: ${CASES.map(([name]) => name).join(", ")}`,
  );
  process.exit(2);
}
const absent = await missing(["torch", "torchvision", "timm", "safetensors"]);
if (absent) {
  console.log(`parity:seeing skipped: ${absent}`);
  process.exit(0);
}
console.log(`map: largest relative error of a class activation map, at most ${LIMIT}; bytes: of its picture, at most ${BYTES}; gates: largest error, at
most ${LIMIT}; other class, corners: the same with the map of another class, and resized with corners on corners: at least ${FAULT} and ${FAULT_BYTES}\n`);
const row = table([
  ["network", 16],
  ["map", 8],
  ["bytes", 6],
  ["gates", 8],
  ["other class", 11],
  ["corners", 7],
]);
const results = [];
for (const [name, size] of chosen) {
  try {
    const result = await inFolder((folder) => compare(String(name), Number(size), folder));
    const { map, bytes, gates, otherClass, corners, passed } = result;
    console.log(
      row(
        result.backbone,
        map.toExponential(1),
        bytes.toFixed(2),
        gates.toExponential(1),
        otherClass.toExponential(1),
        corners.toFixed(0),
        ...(passed ? [] : ["FAILED"]),
      ),
    );
    results.push(result);
  } catch (error) {
    console.log(row(String(name), `FAILED: ${sentence(error)}`));
    results.push({ backbone: name, passed: false, problem: sentence(error) });
  }
}
if (!filters.length) {
  await writeFile(
    place("docs/data/seeing.json"),
    `{ "limit": ${LIMIT}, "networks": [\n${results.map((r) => JSON.stringify(r)).join(",\n")}\n] }\n`,
  );
  const goldens = GOLDENS.map(([backbone, size]) => ({ backbone, classes: 40, inputs: [[2, size]] }));
  await runPython("activation_golden.py", [JSON.stringify(goldens), place("test/infer/goldens/activation.json")]);
}
process.exit(results.every(({ passed }) => passed) ? 0 : 1);
