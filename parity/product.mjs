// What is under test: the command line of dist/, as a user calls it.

import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildOptions } from "./cases.mjs";

const execute = promisify(execFile);

/** $SE_ONNX_CLI, such as that of an installed package, else the command line that `npm run build` makes. */
export const cli = process.env.SE_ONNX_CLI || fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** @param {string[]} args */
const seOnnx = (args) => execute(process.execPath, [cli, ...args, "--json"], { maxBuffer: 2 ** 26 });

/**
 * What a command prints.
 * @param {string[]} args
 */
export const runJson = async (args) => JSON.parse((await seOnnx(args)).stdout);

/**
 * Builds the case for one image size from the reference weights in `folder` and gives the file.
 * @param {import("./cases.mjs").Case} of
 * @param {number} size
 * @param {string} folder
 */
export async function buildModel(of, size, folder) {
  const file = join(folder, `model-${size}.onnx`);
  const weights = join(folder, "weights.safetensors");
  const options = ["--weights", weights, "--input-size", String(size), "--batch", "dynamic", "-o", file];
  await seOnnx(["build", ...buildOptions(of), ...options]);
  return file;
}

/**
 * Runs a model on one input of the reference, such as "3x224", and gives the file of its logits.
 * @param {string} model
 * @param {string} input
 * @param {string} folder
 */
export async function runModel(model, input, folder) {
  const out = join(folder, `out-${input}`);
  await mkdir(out);
  await seOnnx(["run", model, "--input", `input=${join(folder, `x-${input}.npy`)}`, "--output-dir", out]);
  return join(out, "logits.npy");
}

/**
 * The last sentence a failed child process printed, else the error's own.
 * @param {any} error
 */
export function sentence(error) {
  const lines = String(error?.stderr ?? "")
    .trim()
    .split("\n");
  return lines.at(-1) || String(error?.message ?? error);
}
