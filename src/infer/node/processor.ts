import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

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
