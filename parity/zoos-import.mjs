// One checkpoint, imported: `se-onnx build --weights FILE` by itself, and what its file makes of the pictures.

import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { FAULT, LIMIT } from "./compare.mjs";
import { relativeError } from "./npy.mjs";
import { cli, sentence } from "./product.mjs";
import { runPython } from "./python.mjs";

const execute = promisify(execFile);

/** @param {string[]} args */
const seOnnx = (args) => execute(process.execPath, [cli, ...args], { maxBuffer: 2 ** 26 });

/**
 * Why the importer cannot be said to have refused the file, if it has not, with an error that has `text` in it.
 * @param {string} file
 * @param {string} text
 */
async function acceptance(file, text) {
  try {
    await seOnnx(["build", "--weights", file, "--dry-run", "--json"]);
    return `it took the file by itself, where '${text}' had to be asked for`;
  } catch (/** @type {any} */ error) {
    const said = String(error?.stderr ?? error);
    return said.includes(text) ? null : `it refused the file, but not for '${text}': ${sentence(error)}`;
  }
}

/**
 * Builds the network of the file and runs it on the pictures of one size; gives the folder of its outputs and what the importer said.
 * @param {import("./zoos-cases.mjs").ZooCase} of
 * @param {string} folder
 * @param {number} size
 */
async function importAt(of, folder, size) {
  const model = join(folder, "model.onnx");
  const out = join(folder, `out-${size}`);
  const own = size === of.sizes[0]; // the importer must know this size by itself
  const options = [...(of.flags ?? []), ...(own ? [] : ["--input-size", String(size)]), "-o", model, "--json"];
  const { stdout, stderr } = await seOnnx(["build", "--weights", join(folder, of.file), ...options]);
  await mkdir(out);
  await seOnnx(["run", model, "--input", `input=${join(folder, `x-${size}.npy`)}`, "--output-dir", out, "--json"]);
  const notes = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("writing ")); // progress, where that takes long
  return { out, summary: JSON.parse(stdout), notes };
}

/**
 * Saves the case's checkpoint with its own packages, imports it, and compares at each size; `problems` is empty when all is well.
 * @param {import("./zoos-cases.mjs").ZooCase} of
 * @param {string} folder
 */
export async function importAndCompare(of, folder) {
  const { faults, ...reference } = JSON.parse(await runPython("zoos/save.py", [JSON.stringify(of), folder]));
  const refused = of.refuses ? await acceptance(join(folder, of.file), of.refuses) : null;
  const imports = [];
  const errors = [];
  for (const size of of.sizes) {
    const found = await importAt(of, folder, size);
    imports.push(found);
    for (const output of of.outputs ?? ["logits"]) {
      const error = await relativeError(join(found.out, `${output}.npy`), join(folder, `${output}-${size}.npy`));
      errors.push({ size, output, error });
    }
  }
  const [first] = imports;
  if (!first) throw new Error("a case has at least one size");
  const mutations = [];
  for (const [number, fault] of faults.entries()) {
    const error = await relativeError(join(first.out, "logits.npy"), join(folder, `fault-${number}.npy`));
    mutations.push({ fault, error, passed: error >= FAULT });
  }
  const { backbone, weights } = first.summary;
  const { zoo, unused, fresh, changes } = weights;
  const silent = reference.auxiliary > unused.length;
  // Written so that NaN, which is neither below nor above, is a problem.
  const problems = [
    ...(silent ? [`it says ${unused.length} keys are unused, of ${reference.auxiliary} of auxiliary heads`] : []),
    ...(refused ? [refused] : []),
    ...(errors.every(({ error }) => error <= LIMIT) ? [] : [`relative error over ${LIMIT}`]),
    ...(mutations.every(({ passed }) => passed) ? [] : [`a fault makes a relative error below ${FAULT}`]),
  ];
  const said = { unused: unused.length, fresh: fresh.length, changes, notes: first.notes };
  return { errors, problems, zoo, backbone, said, reference, mutations };
}
