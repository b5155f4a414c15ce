import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { promisify } from "node:util";

/** The processor, as far as it matters to a runtime. */
export interface Processor {
  readonly model: string;
  readonly cores: number;
  /** Threads that this process may use, which is what runtimes take. */
  readonly threads: number;
  /** Instruction sets for several numbers at once; null where the system does not tell. */
  readonly simd: readonly string[] | null;
}

const SIMD = /^(sse4_2|avx|avx2|fma|avx512f|avx512_vnni|avx512_bf16|amx_tile|asimd|asimddp|sve|sve2|i8mm|bf16)$/;

export function processor(): Processor {
  const [first] = cpus();
  return {
    model: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    threads: availableParallelism(),
    simd: simd(),
  };
}

function simd(): readonly string[] | null {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
    return line?.split(/\s+/).filter((flag) => SIMD.test(flag)) ?? null;
  } catch {
    return null; // Linux only
  }
}

interface Question {
  readonly command: string;
  readonly args: readonly string[];
  /** The name of an adapter, in each line that has one. */
  readonly name: RegExp;
}
/** What names the graphics adapters; asked where it is installed. */
const QUESTIONS: Readonly<Partial<Record<NodeJS.Platform, readonly Question[]>>> = {
  linux: [
    { command: "nvidia-smi", args: ["-L"], name: /^GPU \d+: (.*?) \(UUID/gm },
    { command: "vulkaninfo", args: ["--summary"], name: /deviceName\s*= (.*)$/gm },
  ],
  darwin: [{ command: "system_profiler", args: ["SPDisplaysDataType"], name: /Chipset Model: (.*)$/gm }],
  win32: [
    {
      command: "powershell",
      args: ["-NoProfile", "-Command", "(Get-CimInstance Win32_VideoController).Name"],
      name: /^(.+?)\r?$/gm,
    },
  ],
};
const PATIENCE_MS = 5000;

/** Names of graphics adapters, as far as the system's tools give them. */
export async function adapters(): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { command, args, name } of QUESTIONS[process.platform] ?? []) {
    const { stdout } = await promisify(execFile)(command, args, { timeout: PATIENCE_MS }).catch(() => ({ stdout: "" })); // not installed, or no adapter
    names.push(...Array.from(stdout.matchAll(name), (m) => m[1] ?? ""));
  }
  return [...new Set(names)];
}
