// The forms that `npm run bench:se` compares, as files.

import { join } from "node:path";
import { backbones } from "../dist/models/index.js";
import { buildModel } from "../dist/src/index.js";
import { writeModel } from "../dist/src/node.js";
import { optimize, planPasses } from "../dist/src/optimize.js";

/** @typedef {{name: string, target: string | null, way: "session" | "open"}} Form  way: by ONNX Runtime alone, or as users of se-onnx run a file */
/** @type {readonly Form[]} */
export const FORMS = [
  { name: "as built", target: null, way: "session" },
  { name: "cpu", target: "cpu", way: "session" },
  { name: "ort-cpu", target: "ort-cpu", way: "session" },
  { name: "through open", target: null, way: "open" },
];

/** A file to be timed; forms that come out equal, byte by byte, share one. @typedef {{file: string, way: Form["way"], times: number[]}} Timed */
/** @typedef {{form: Form, se: Timed, plain: Timed, declined: string[]}} Pair */

/**
 * Writes a network with SE and without, in every form.
 * @param {string} network @param {number} batch @param {string} folder @returns {Promise<Pair[]>}
 */
export async function writePairs(network, batch, folder) {
  const backbone = backbones.find(({ name }) => name === network);
  if (!backbone) throw new Error(`there is no backbone '${network}'`);
  const architecture = await backbone.load();
  /** @type {Map<string, Timed>} */
  const known = new Map();
  /** @param {Form} form @param {boolean} se */
  async function write({ target, way }, se) {
    const { graph } = buildModel(network, architecture, { batch, ...(se ? {} : { se: null }) });
    const runs = target ? optimize(graph, planPasses({ target })).passes : [];
    const file = join(folder, `${se ? "se" : "plain"}-${target ?? "built"}-${batch}.onnx`);
    const { sha256 } = await writeModel(graph, file);
    const key = `${sha256} ${way}`;
    const timed = known.get(key) ?? { file, way, times: [] };
    known.set(key, timed);
    const declined = runs.flatMap(({ name, skipped }) =>
      skipped.map(({ node, reason }) => `${name}: ${node}: ${reason}`),
    );
    return { timed, declined };
  }
  const pairs = [];
  for (const form of FORMS) {
    const { timed: plain } = await write(form, false);
    const { timed: se, declined } = await write(form, true);
    pairs.push({ form, se, plain, declined });
  }
  return pairs;
}
