// Whole processes measured in turn: wall time and peak memory, the largest resident set: /usr/bin/time -v where it is (GNU), else VmHWM of
// /proc/PID/status read every 5 ms.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const timer = "/usr/bin/time";
/** How peak memory is found; null where it cannot be. */
export const peakBy = existsSync(timer)
  ? "/usr/bin/time -v"
  : existsSync("/proc/self/status")
    ? "VmHWM every 5 ms"
    : null;

export const processor = cpus()[0]?.model.trim() ?? "unknown processor";

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
  const timed = peakBy === "/usr/bin/time -v";
  const start = performance.now();
  const child = timed ? spawn(timer, ["-v", command, ...args]) : spawn(command, args);
  let errors = "";
  let polled = 0;
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const poll =
    peakBy === "VmHWM every 5 ms" ? setInterval(() => (polled = highWater(child.pid) || polled), 5) : undefined;
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

/**
 * Every program once, unmeasured (disk caches warm), then in turn, `rounds` times. `seconds` is the median.
 * @param {Program[]} programs
 * @param {number} rounds
 */
export async function measureAll(programs, rounds) {
  /** @type {Map<Program, Awaited<ReturnType<typeof measure>>[]>} */
  const runs = new Map(programs.map((program) => [program, []]));
  for (const program of programs) await measure(program);
  for (let round = 1; round <= rounds; round++) {
    if (process.stderr.isTTY) process.stderr.write(`round ${round} of ${rounds}\n`);
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
export const number = (value, digits) => (value === null || value === undefined ? "-" : value.toFixed(digits));

/** Writes docs/data/NAME with what every measurement says of the machine. @param {string} name @param {object} figures */
export async function record(name, figures) {
  const data = fileURLToPath(new URL("../docs/data/", import.meta.url));
  await mkdir(data, { recursive: true });
  const machine = { node: process.versions.node, cpu: processor, cores: cpus().length, peakBy };
  await writeFile(join(data, name), `${JSON.stringify({ ...machine, ...figures }, null, 1)}\n`);
}
