// npm run bench:kernels [-- NETWORK...] [--device webgpu,wasm] [--size 96]: kernels that one inference launches, from ONNX Runtime's profile: PyTorch's export of a
// network (torch.onnx.export, needs parity/setup.sh) and the same file after `optimize --target webgpu` or `wasm`. On wasm a kernel is a node of the graph as
// the runtime fused it; on webgpu it is a program that the graphics processor was given, and the nodes are shown beside. No time is measured, so that a
// software adapter (VK_DRIVER_FILES names it) and small images will do; the paper's form is exported at 224. Writes docs/data/kernels.json.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { open, optimize, planPasses, readModel, specialise, writeModel } from "../dist/src/node.js";
import { inFolder } from "../parity/folder.mjs";
import { missing, runPython } from "../parity/python.mjs";
import { record } from "./processes.mjs";

/** The paper's own form, its gate made of linear layers, and timm's networks, whose gates are convolutions. */
const PAPER = "se_resnet50 (linear gates)";
const TIMM = ["seresnet50", "seresnext50_32x4d", "mobilenetv3_large_100", "efficientnet_b0", "regnety_008"];
const child = fileURLToPath(new URL("kernels-run.mjs", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { device: { type: "string", default: "wasm,webgpu" }, size: { type: "string", default: "96" } },
});
const absent = await missing(["torch", "timm", "onnx"]);
if (absent) throw new Error(absent);
const networks = positionals.length ? positionals : [PAPER, ...TIMM];

/** @param {string} network @param {string} folder */
async function exported(network, folder) {
  const file = join(folder, `${network.replaceAll(/\W+/g, "-")}.onnx`);
  if (network === PAPER) await runPython("export_torch.py", [file]);
  else await runPython("export_timm.py", [folder, values.size, network]);
  return file;
}

/** @param {string} target @param {string} from @param {string} to */
async function rewrite(target, from, to) {
  const { graph, close } = await readModel(from);
  try {
    specialise(graph, { batch: 1 });
    optimize(graph, planPasses({ target }));
    await writeModel(graph, to, { hash: false });
  } finally {
    await close();
  }
}

/** @param {string} device @param {string} file @returns {Promise<{nodes: Record<string, number>, launched: number}>} */
async function count(device, file) {
  if (device === "wasm") {
    const model = await open(file, { device, optimize: false });
    const { wasm } = await model.placement();
    await model.close();
    return { nodes: wasm?.operators ?? {}, launched: wasm?.nodes ?? 0 };
  }
  const { stdout } = await promisify(execFile)(process.execPath, [child, device, file]);
  return JSON.parse(stdout);
}
/** @param {Record<string, number>} operators */
const total = (operators) => Object.values(operators).reduce((a, b) => a + b, 0);

/** @type {object[]} */
const results = [];
console.log("device  network                       PyTorch's  ours  fewer   nodes");
await inFolder(async (folder) => {
  for (const network of networks) {
    const theirs = await exported(network, folder);
    for (const device of values.device.split(",")) {
      const ours = theirs.replace(/onnx$/, `${device}.onnx`);
      await rewrite(device, theirs, ours);
      const [before, after] = [await count(device, theirs), await count(device, ours)];
      const fewer = 1 - after.launched / before.launched;
      results.push({ network, device, before, after, fewer });
      console.log(
        `${device.padEnd(8)}${network.padEnd(30)}${String(before.launched).padStart(9)}${String(after.launched).padStart(6)}${`${(100 * fewer).toFixed(1)}%`.padStart(7)}   ${total(before.nodes)} -> ${total(after.nodes)}`,
      );
      await record("kernels.json", { size: Number(values.size), results });
    }
  }
});
