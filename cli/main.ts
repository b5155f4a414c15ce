#!/usr/bin/env node
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { cacheHome } from "../src/export/node/fetch/cache-folder.js";

/**
 * Runs the program beside this file from the code that the engine made of it at earlier calls, which takes a quarter off the time of a short
 * command. The code is kept for each version of the program and of the engine, and grows with the commands that were called.
 */

/** A digest of the program, put in when it is bundled. */
declare const PROGRAM: string;

/** Code of that age is of another version, or is made again. */
const MONTH = 30 * 24 * 60 * 60 * 1000;

/**
 * How often the engine looks whether a function is worth optimizing, 16 times as seldom as it would: a command of a tenth of a second is over
 * before that pays, and its threads are wanted for files. Not while code is to be kept, which is for the same flags alone.
 */
const LATER = "--interrupt-budget=1081344";

const path = fileURLToPath(new URL("./program.js", import.meta.url));
const folder = join(cacheHome(process.env), "se-onnx", "code");
const file = join(folder, `${PROGRAM}-${process.versions.v8}-${process.arch}`);
const called = process.argv[2] ?? "";

const kept = read();
const script = new Script(readFileSync(path, "utf8"), {
  filename: path,
  ...(kept && { cachedData: kept.code }),
});
const known = script.cachedDataRejected === false ? (kept?.commands ?? []) : [];
const require = createRequire(path);
script.runInThisContext()(require, import.meta.url);
if (called === "build" && known.includes(called)) require("node:v8").setFlagsFromString(LATER);
process.on("exit", (code) => {
  if (code === 0 && !known.includes(called) && !process.env.NODE_DISABLE_COMPILE_CACHE) keep([...known, called]);
});

/** The commands whose code is kept, on a line of their own, and the code. */
function read(): { readonly commands: readonly string[]; readonly code: Buffer } | null {
  try {
    const bytes = readFileSync(file);
    const end = bytes.indexOf("\n");
    return { commands: bytes.toString("utf8", 0, end).split(" "), code: bytes.subarray(end + 1) };
  } catch {
    return null; // nothing is kept
  }
}

/** What cannot be kept is made again next time. */
function keep(commands: readonly string[]): void {
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder).map((name) => join(folder, name)))
      if (Date.now() - statSync(old).mtimeMs > MONTH) rmSync(old, { force: true });
    const out = openSync(unfinished, "wx");
    writeSync(out, `${commands.join(" ")}\n`);
    writeSync(out, script.createCachedData());
    fsyncSync(out);
    closeSync(out);
    renameSync(unfinished, file);
  } catch (e) {
    if (existsSync(unfinished)) rmSync(unfinished);
    if (!(e instanceof Error && "syscall" in e)) throw e;
  }
}
