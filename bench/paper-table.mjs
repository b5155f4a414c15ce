// npm run paper-table: table 2 of the Squeeze-and-Excitation paper (Hu et al. 2018, https://arxiv.org/abs/1709.01507, GFLOPs) beside what
// the graphs that se-onnx builds come to. Writes docs/data/paper-table.json and prints the table of docs/measurements.md.
// The paper's "FLOPs" are multiply-adds; ours are those of convolutions and matrix products alone, at batch 1.

import { mkdir, writeFile } from "node:fs/promises";
import { backbones } from "../dist/models/index.js";
import { buildModel } from "../dist/src/index.js";

/** @typedef {{paper: string, backbone: string, plain: number, se: number}} Row  published GFLOPs */
/** @type {Row[]} */
const rows = [
  { paper: "ResNet-50", backbone: "resnet50_v1", plain: 3.86, se: 3.87 },
  { paper: "ResNet-101", backbone: "resnet101_v1", plain: 7.58, se: 7.6 },
  { paper: "ResNet-152", backbone: "resnet152_v1", plain: 11.3, se: 11.32 },
  { paper: "ResNeXt-50 (32x4d)", backbone: "resnext50_32x4d_v1", plain: 4.24, se: 4.25 },
  { paper: "ResNeXt-101 (32x4d)", backbone: "resnext101_32x4d_v1", plain: 7.99, se: 8.0 },
  { paper: "VGG-16", backbone: "vgg16_bn", plain: 15.47, se: 15.48 },
  { paper: "BN-Inception", backbone: "bn_inception", plain: 2.03, se: 2.04 },
  { paper: "Inception-ResNet-v2", backbone: "inception_resnet_v2", plain: 11.75, se: 11.76 },
];

/** @param {Row} row */
async function counted({ backbone, ...row }) {
  const known = backbones.find(({ name }) => name === backbone);
  if (!known) throw new Error(`there is no backbone '${backbone}'`);
  const architecture = await known.load();
  const plain = buildModel(backbone, architecture, { se: null });
  const se = buildModel(backbone, architecture, { se: { bias: true } }); // the paper's models have biases
  const parameters = { plain: plain.parameters, se: se.parameters };
  return { ...row, backbone, macs: { plain: plain.macs ?? 0, se: se.macs ?? 0 }, parameters };
}

/** @param {number} n */
const giga = (n) => (n / 1e9).toFixed(4);
const results = await Promise.all(rows.map(counted));
console.log(`| network | built as | paper | built | paper, SE | built, SE | SE's parameters |
|---|---|---|---|---|---|---|`);
for (const { paper, backbone, plain, se, macs, parameters } of results) {
  const more = `${(((parameters.se - parameters.plain) / parameters.plain) * 100).toFixed(2)} %`;
  const cells = [paper, `\`${backbone}\``, plain.toFixed(2), giga(macs.plain), se.toFixed(2), giga(macs.se), more];
  console.log(`| ${cells.join(" | ")} |`);
}
const folder = new URL("../docs/data/", import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL("paper-table.json", folder), `${JSON.stringify(results, null, 1)}\n`);
