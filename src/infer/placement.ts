import type { Placement } from "./session.js";

/** An event of ONNX Runtime's profile (https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html). */
interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** ONNX Runtime's names of execution providers -> ours; the processor's is that of the runtime: "cpu", in WebAssembly "wasm". */
const PROVIDERS: Readonly<Record<string, string>> = {
  CUDAExecutionProvider: "cuda",
  TensorrtExecutionProvider: "tensorrt",
  CoreMLExecutionProvider: "coreml",
  DmlExecutionProvider: "dml",
  WebGpuExecutionProvider: "webgpu",
  JsExecutionProvider: "webgpu",
  WebNNExecutionProvider: "webnn",
};

/** Counts the kernels in a profile, a JSON array of events, of one run. A subgraph that a provider compiled whole is one node. */
export function placementOf(profile: string, processor: "cpu" | "wasm"): Placement {
  const events: readonly ProfileEvent[] = JSON.parse(profile); // the runtime's own format, every field of which is checked below
  const out: Record<string, Placement[string]> = {};
  for (const { cat, name, args } of events) {
    if (cat !== "Node" || !name?.endsWith("_kernel_time") || !args?.provider) continue;
    const provider = args.provider === "CPUExecutionProvider" ? processor : (PROVIDERS[args.provider] ?? args.provider);
    const { nodes, operators } = out[provider] ?? { nodes: 0, operators: {} };
    const operator = args.op_name ?? "unknown";
    out[provider] = { nodes: nodes + 1, operators: { ...operators, [operator]: (operators[operator] ?? 0) + 1 } };
  }
  return out;
}
