import { join } from "node:path";
import { firstLine } from "../ort.js";
import type { Unavailable } from "../provider.js";
import { absent, PLATFORM } from "./onnxruntime-node.js";

type Name = "cuda" | "tensorrt";
/** What each needs beside onnxruntime-node, where the dynamic linker finds it. */
const NEEDS: Readonly<Record<Name, string>> = {
  cuda: "install NVIDIA's driver, the CUDA 12 toolkit and cuDNN 9",
  tensorrt: "install NVIDIA's driver, the CUDA 12 toolkit, cuDNN 9 and TensorRT 10",
};
/** What brings a library that the dynamic linker misses; the packages are those of NVIDIA's repository for Debian and Ubuntu. */
const BRINGS: readonly (readonly [library: RegExp, hint: (version: string) => string])[] = [
  [/libcuda\.so/, () => "install NVIDIA's driver: `nvidia-smi` has to list the processor"],
  [/lib(?:cudart|cublas\w*)\.so\.(\d+)/, (v) => `install the CUDA ${v} toolkit (\`apt install cuda-toolkit-${v}\`)`],
  [/libcudnn\w*\.so\.(\d+)/, (v) => `install cuDNN ${v} (\`apt install cudnn${v}\`)`],
  [/libnv\w+\.so\.(\d+)/, (v) => `install TensorRT ${v} (\`apt install tensorrt\`)`],
];
/** What the package's install script puts beside its library (install-metadata.js), the provider first. */
const FILES: Readonly<Record<Name, readonly string[]>> = {
  cuda: ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"],
  tensorrt: [
    "libonnxruntime_providers_tensorrt.so",
    "libonnxruntime_providers_cuda.so",
    "libonnxruntime_providers_shared.so",
  ],
};

/** Whether the parts of onnxruntime-node are there that its install script fetches. */
export function cudaLibraries(folder: string, name: Name): Unavailable | null {
  if (PLATFORM !== "linux/x64")
    return {
      reason: `onnxruntime-node brings ${name} for linux/x64 only, and this is ${PLATFORM}`,
      hint: process.platform === "win32" ? "choose the device dml or webgpu" : "choose another device",
    };
  const file = absent(folder, FILES[name]);
  if (!file) return null;
  const script = join(folder, "..", "..", "..", "..", "script", "install");
  return {
    reason: `${name} needs ${file}, which is not part of the package onnxruntime-node, but fetched when it is installed`,
    hint: `run \`ONNXRUNTIME_NODE_INSTALL=cuda12 node ${script}\`, and ${NEEDS[name]}`,
  };
}

/** What the runtime says where CUDA does not start. */
export function explainCuda(message: string, folder: string, name: Name): Unavailable | null {
  if (/Failed to load shared library/.test(message)) {
    const reason = linkerSays(join(folder, FILES[name][0] ?? ""));
    const hint = hintFor(reason) ?? NEEDS[name];
    return {
      reason: `${name} cannot be loaded (${reason})`,
      hint: `${hint}, so that the dynamic linker finds it (LD_LIBRARY_PATH)`,
    };
  }
  if (/no CUDA-capable device|driver version is insufficient|CUDA failure (35|100|999)\b/i.test(message))
    return {
      reason: `${name} finds no NVIDIA processor with a driver for CUDA 12 (${firstLine(message)})`,
      hint: "install NVIDIA's driver, version 525 or newer: `nvidia-smi` has to list the processor",
    };
  if (/invalid device ordinal|CUDA failure 101\b/i.test(message))
    return { reason: `${name} has no device of that number`, hint: "`nvidia-smi -L` lists them, counted from 0" };
  return null;
}

function hintFor(missing: string): string | null {
  for (const [library, hint] of BRINGS) {
    const found = library.exec(missing);
    if (found) return hint(found[1] ?? "");
  }
  return null;
}

/** Why the dynamic linker does not load a library: the runtime writes that to its log only. */
function linkerSays(library: string): string {
  try {
    process.dlopen({ exports: {} }, library);
    return `${library} can be loaded`;
  } catch (e) {
    return firstLine(e instanceof Error ? e.message : String(e)); // also where it is loaded, and is no addon of Node
  }
}
