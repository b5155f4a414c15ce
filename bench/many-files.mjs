// npm run bench:many [-- COUNT] (100,000 unless given): `se-onnx run MODEL FOLDER --batch 16 --output F.jsonl` over so many small pictures, hard links of a few
// JPEG and PNG files in nested folders, with CIFAR SE-ResNet-20. The run is stopped by Ctrl-C and by SIGKILL on the way and started again; in the end
// every picture is there exactly once. Prints images per second, the time until the first result and the largest resident set, beside those of a
// tenth of the pictures. Writes docs/data/many-files.json.

import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { link, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { inFolder } from "../parity/folder.mjs";
import { record } from "./processes.mjs";

const COUNT = Number(process.argv[2] ?? 100_000);
const PER_FOLDER = 500;
const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const place = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** `count` pictures below `folder`. @param {string} folder @param {number} count */
async function makePictures(folder, count) {
  const sharp = (await import("sharp")).default;
  await mkdir(folder, { recursive: true });
  const seeds = [];
  for (const [i, name] of ["rocket.jpg", "chelsea.png", "coffee.png", "china.jpg"].entries()) {
    const seed = join(folder, "..", `seed-${i}.${i % 2 ? "png" : "jpg"}`);
    await sharp(place(`test/photos/${name}`))
      .resize(48, 40, { fit: "fill" })
      .toFile(seed);
    seeds.push(seed);
  }
  for (let at = 0; at < count; at += PER_FOLDER) {
    const home = join(folder, `${Math.floor(at / PER_FOLDER / 20)}`, `${at}`);
    await mkdir(home, { recursive: true });
    for (let i = at; i < Math.min(count, at + PER_FOLDER); i++)
      await link(seeds[i % seeds.length] ?? "", join(home, `${i}.${i % 2 ? "png" : "jpg"}`));
  }
}

/**
 * Runs the command line; `stopAt`: lines of the output at which `signal` is sent.
 * @param {string} cwd @param {string[]} args @param {{signal: "SIGINT" | "SIGKILL", stopAt: number, output: string} | null} [stop]
 */
async function run(cwd, args, stop = null) {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [text, errors, peak] = ["", "", 0];
  /** @type {number | null} */
  let first = null;
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  child.stderr.setEncoding("utf8").on("data", (part) => (errors += part));
  const before = stop ? await lines(join(cwd, stop.output)) : 0;
  const poll = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "latin1").catch(() => "");
    peak = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? peak * 1024) / 1024;
    if (!stop) return;
    const now = await lines(join(cwd, stop.output));
    if (now > before) first ??= (performance.now() - start) / 1000;
    if (now >= stop.stopAt && !child.killed) child.kill(stop.signal);
  }, 250);
  const code = await new Promise((resolve) => child.on("close", (exit, signal) => resolve(exit ?? signal)));
  clearInterval(poll);
  return { code, seconds: (performance.now() - start) / 1000, peakMiB: peak, firstResult: first, text, errors };
}

/** @param {string} file */
async function lines(file) {
  if (!(await stat(file).catch(() => null))) return 0;
  let n = 0;
  for await (const chunk of createReadStream(file)) for (const byte of chunk) if (byte === 10) n++;
  return n;
}

/** @param {unknown} condition @param {string} what */
function must(condition, what) {
  if (!condition) throw new Error(what);
}

await inFolder(async (folder) => {
  const build = await run(folder, ["build", "--backbone", "cifar_resnet20", "-o", "m.onnx"]);
  must(build.code === 0, build.errors);
  await makePictures(join(folder, "few"), Math.ceil(COUNT / 10));
  await makePictures(join(folder, "many"), COUNT);
  console.log(`${COUNT} pictures in ${Math.ceil(COUNT / PER_FOLDER)} folders`);

  const few = await run(folder, ["run", "m.onnx", "few", "--batch", "16", "--output", "few.jsonl", "--json"]);
  must(few.code === 0, few.errors);
  console.log(
    `a tenth:   ${JSON.parse(few.text).imagesPerSecond.toFixed(0)} images/s, peak ${few.peakMiB.toFixed(0)} MiB`,
  );

  const args = ["run", "m.onnx", "many", "--batch", "16", "--output", "many.jsonl", "--json"];
  const interrupted = await run(folder, args, { signal: "SIGINT", stopAt: COUNT * 0.3, output: "many.jsonl" });
  must(interrupted.code === 130, `Ctrl-C gave ${interrupted.code}: ${interrupted.errors}`);
  const killed = await run(folder, args, { signal: "SIGKILL", stopAt: COUNT * 0.6, output: "many.jsonl" });
  must(killed.code === "SIGKILL", `it ended by itself: ${killed.code}`);
  const last = await run(folder, args);
  must(last.code === 0, last.errors);
  const { skipped, classified, images, imagesPerSecond } = JSON.parse(last.text);
  must(images === COUNT && skipped + classified === COUNT, `${images} pictures, ${skipped} before, ${classified} now`);

  const seen = new Set();
  for await (const line of createInterface({ input: createReadStream(join(folder, "many.jsonl")) })) {
    const { file, predictions } = JSON.parse(line);
    must(!seen.has(file), `${file} is there twice`);
    must(predictions.length === 5, `${file} has no classes`);
    seen.add(file);
  }
  must(seen.size === COUNT, `${seen.size} of ${COUNT} pictures are there`);
  const peak = Math.max(interrupted.peakMiB, killed.peakMiB, last.peakMiB);
  console.log(
    `all:       ${imagesPerSecond.toFixed(0)} images/s, peak ${peak.toFixed(0)} MiB (${(peak / few.peakMiB).toFixed(2)} times)`,
  );
  console.log(
    `stopped at ${Math.round(COUNT * 0.3)} by Ctrl-C and at ${Math.round(COUNT * 0.6)} by SIGKILL, gone on with: every picture is there exactly once`,
  );
  console.log(
    `first results after ${interrupted.firstResult?.toFixed(1)} s; gone on with, after ${killed.firstResult?.toFixed(1)} s`,
  );
  const figures = (/** @type {Awaited<ReturnType<typeof run>>} */ { text: _text, errors: _errors, ...rest }) => rest;
  await record("many-files.json", {
    count: COUNT,
    few: { ...figures(few), imagesPerSecond: JSON.parse(few.text).imagesPerSecond },
    interrupted: figures(interrupted),
    killed: figures(killed),
    last: { ...figures(last), skipped, classified, imagesPerSecond },
  });
});
