import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Unavailable } from "../provider.js";
import { installed } from "./package.js";

/** The machine as onnxruntime-node names it: "linux/x64". */
export const PLATFORM = `${process.platform}/${process.arch}`;
/** npm leaves an optional dependency out without a word when its install script fails. */
const INSTALL =
  "run `npm install onnxruntime-node --ignore-scripts` (its install script fetches CUDA libraries, which no other device needs)";

/** The folder of onnxruntime-node's libraries for this machine, or why there is none. */
export function libraries(): string | Unavailable {
  const found = installed("onnxruntime-node");
  if (!found)
    return { reason: "running a model needs the package onnxruntime-node, which is not installed", hint: INSTALL };
  const folder = join(found.folder, "bin", "napi-v6", ...PLATFORM.split("/"));
  if (existsSync(join(folder, "onnxruntime_binding.node"))) return folder;
  return {
    reason: `onnxruntime-node ${found.version} has no libraries for ${PLATFORM}`,
    hint: "choose the device wasm, and run `npm install onnxruntime-web`",
  };
}

/** What the runtime's words mean where they are about itself and not about a model. */
export function explainRuntime(name: string, message: string): Unavailable | null {
  if (/backend not found/.test(message))
    return { reason: `onnxruntime-node for ${PLATFORM} is built without ${name}`, hint: "choose another device" };
  if (/ERR_DLOPEN_FAILED|cannot open shared object file|GLIBC|ld-linux/.test(message))
    return {
      reason: `onnxruntime-node cannot be loaded here (${message.split("\n")[0]})`,
      hint: "choose the device wasm, and run `npm install onnxruntime-web`; on Alpine Linux there is no other",
    };
  return null;
}

/** The first of these files that is not in `folder`. */
export const absent = (folder: string, names: readonly string[]): string | null =>
  names.find((name) => !existsSync(join(folder, name))) ?? null;
