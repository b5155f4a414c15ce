// npm run bench:build: how long whole processes take to build an ONNX file, and their peak memory: `se-onnx build` against
// torch.onnx.export of the same network, taking turns, each to a file that is not there yet: replacing one makes ext4 write out the
// new one at once. Prints a table and writes docs/data/build.json.
// Peak memory is the largest resident set: /usr/bin/time -v where it is (GNU), else VmHWM of /proc/PID/status read every 5 ms.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inFolder } from "../parity/folder.mjs";
import { cli } from "../parity/product.mjs";
import { missing, pythonPath } from "../parity/python.mjs";
import { table } from "../parity/table.mjs";

const ROUNDS = 5;
const timer = "/usr/bin/time";
const method = existsSync(timer) ? "/usr/bin/time -v" : existsSync("/proc/self/status") ? "VmHWM every 5 ms" : null;

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {string | null} file  what it writes
 */

/** VmHWM of a process in KiB; null once it has ended. @param {number | undefined} pid */
function highWater(pid) {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

/**
 * Runs a program once as a process of its own; what it wrote before is taken away first.
 * @param {Program} program
 * @returns {Promise<{seconds: number, peakMiB: number | null}>}
 */
async function measure({ name, command, args, file }) {
  if (file) await rm(file, { force: true });
  const timed = method === "/usr/bin/time -v";
  const start = performance.now();
  const child = timed ? spawn(timer, ["-v", command, ...args]) : spawn(command, args);
  let errors = "";
  let polled = 0;
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const poll =
    method === "VmHWM every 5 ms" ? setInterval(() => (polled = highWater(child.pid) || polled), 5) : undefined;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(poll);
      const seconds = (performance.now() - start) / 1000;
      if (code !== 0) return reject(new Error(`${name} exited ${code}: ${errors.trim()}`));
      const kib = timed ? Number(/Maximum resident set size \(kbytes\): (\d+)/.exec(errors)?.[1]) : polled;
      resolve({ seconds, peakMiB: kib > 0 ? kib / 1024 : null });
    });
  });
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

/** @param {string} folder @param {string} backbone @returns {Program} */
function ours(folder, backbone) {
  const file = join(folder, `${backbone}.onnx`);
  const args = [cli, "build", "--backbone", backbone, "--r", "16", "--batch", "dynamic", "-o", file, "--json"];
  return { name: `se-onnx build se_${backbone}`, command: process.execPath, args, file };
}

/** @param {string} folder @returns {Program} */
function torch(folder) {
  const file = join(folder, "torch.onnx");
  const script = fileURLToPath(new URL("../parity/export_torch.py", import.meta.url));
  return { name: "torch.onnx.export se_resnet50", command: pythonPath(), args: ["-B", script, file], file };
}

/**
 * Every program once, unmeasured (disk caches warm), then in turn, ROUNDS times.
 * @param {Program[]} programs
 */
async function measureAll(programs) {
  /** @type {Map<Program, Awaited<ReturnType<typeof measure>>[]>} */
  const runs = new Map(programs.map((program) => [program, []]));
  for (const program of programs) await measure(program);
  for (let round = 1; round <= ROUNDS; round++) {
    if (process.stderr.isTTY) process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    for (const [program, taken] of runs) taken.push(await measure(program));
  }
  const rows = [];
  for (const [{ name, file }, taken] of runs) {
    const seconds = taken.map((run) => run.seconds);
    const peaks = taken.flatMap((run) => (run.peakMiB === null ? [] : [run.peakMiB]));
    const peakMiB = peaks.length > 0 ? Math.max(...peaks) : null;
    const fileMiB = file ? (await stat(file)).size / 2 ** 20 : null;
    rows.push({
      name,
      seconds: median(seconds),
      secondsMin: Math.min(...seconds),
      secondsMax: Math.max(...seconds),
      peakMiB,
      fileMiB,
      runs: taken,
    });
  }
  return rows;
}

/** @param {number | null | undefined} value @param {number} digits */
const number = (value, digits) => (value === null || value === undefined ? "-" : value.toFixed(digits));

if (!existsSync(cli)) {
  console.error("dist/cli/main.js is not there: run npm run build first");
  process.exit(2);
}
const absent = await missing(["torch", "torchvision"]);
const rows = await inFolder((folder) =>
  measureAll([
    { name: "se-onnx --version", command: process.execPath, args: [cli, "--version"], file: null },
    ours(folder, "resnet50"),
    ...(absent ? [] : [torch(folder)]),
    ours(folder, "resnet152"),
    ours(folder, "resnext101_32x8d"),
  ]),
);

const base = rows.find(({ name }) => name === "se-onnx build se_resnet50");
const reference = rows.find(({ name }) => name.startsWith("torch"));
const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
console.log(
  `Whole processes, medians of ${ROUNDS} rounds in turn; Node ${process.versions.node}, ${cpus().length} x ${cpu}; peak by ${method ?? "nothing: not measured"}\n`,
);
const row = table([
  ["process", 34],
  ["seconds", 7],
  ["min-max", 11],
  ["x ours", 6],
  ["peak MiB", 8],
  ["file MiB", 8],
]);
for (const { name, seconds, secondsMin, secondsMax, peakMiB, fileMiB } of rows) {
  const ratio = number(base && seconds / base.seconds, 2);
  const range = `${number(secondsMin, 2)}-${number(secondsMax, 2)}`;
  console.log(row(name, number(seconds, 2), range, ratio, number(peakMiB, 0), number(fileMiB, 1)));
}
if (absent) console.log(`\ntorch.onnx.export skipped: ${absent}`);

const ratio = base && reference ? reference.seconds / base.seconds : null;
if (ratio !== null) console.log(`\nse-onnx builds SE-ResNet-50 ${number(ratio, 1)} times as fast as torch.onnx.export`);
const raw = {
  node: process.versions.node,
  cpu,
  cores: cpus().length,
  rounds: ROUNDS,
  peakBy: method,
  torchSkipped: absent !== null,
  timesFasterThanTorch: ratio,
  rows,
};
const data = fileURLToPath(new URL("../docs/data/", import.meta.url));
await mkdir(data, { recursive: true });
await writeFile(join(data, "build.json"), `${JSON.stringify(raw, null, 1)}\n`);
