// Finds and runs the Python that has the reference packages.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));

/** $SE_ONNX_PYTHON, else the environment that parity/setup.sh makes, else python3. */
export function pythonPath() {
  const made = join(homedir(), ".cache", "se-onnx", "venv", "bin", "python");
  return process.env.SE_ONNX_PYTHON || (existsSync(made) ? made : "python3");
}

/**
 * Why `modules` cannot be imported, with how to get them; null when they can.
 * @param {string[]} modules
 * @returns {Promise<string | null>}
 */
export async function missing(modules) {
  const python = pythonPath();
  try {
    await execute(python, ["-c", `import ${modules.join(", ")}`]);
    return null;
  } catch (/** @type {any} */ error) {
    const said =
      String(error?.stderr ?? "")
        .trim()
        .split("\n")
        .at(-1) || `it cannot be started (${error?.code})`;
    const names = modules.join(", ");
    return `${python}: ${said}. Get ${names} with: sh parity/setup.sh (or set SE_ONNX_PYTHON to a Python that has them)`;
  }
}

/**
 * Runs parity/<script> and gives what it printed.
 * @param {string} script
 * @param {string[]} args
 */
export async function runPython(script, args) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout } = await execute(pythonPath(), [join(here, script), ...args], { env, maxBuffer: 2 ** 26 });
  return stdout;
}
