/// <reference lib="esnext.disposable" preserve="true" />
import type * as Ort from "onnxruntime-web";
import { choose, UserError } from "../../graph/error.js";
import type { Graph } from "../../graph/graph.js";
import { compatible, elements, show, tensorType } from "../../graph/type.js";
import { ports, runError, tensors } from "../ort.js";
import type { HostTensor, Port } from "../session.js";
import { type GpuTensor, heldTensor, isGpuDType } from "./gpu-tensor.js";
import { loadModel, type ModelSource } from "./model-source.js";
import type { OpenOptions } from "./open.js";
import { WEBGPU, webgpuRuntime } from "./providers/webgpu.js";
import { creator, inTurn, start } from "./runtime.js";

/** Tensors by input name, in the processor's memory or on the card. */
export type GpuFeeds = Readonly<Record<string, HostTensor | GpuTensor>>;

/** A model on WebGPU whose outputs stay on the card. */
export interface GpuModel {
  /** The page's models on WebGPU share it, and it is lost when the last of them is closed. */
  readonly device: GPUDevice;
  /** WebGPU has no kernel for some nodes, and these run on the processor. */
  readonly fallback: boolean;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /**
   * Takes one tensor per input, which is on the card or is copied there, and gives one per output: that of `into`, filled, or a new one, which
   * is held until it is disposed or the model is closed. Calls made while one runs wait their turn.
   *
   * Throws a UserError where tensors do not fit the model. Where the runtime itself fails, it keeps tensors bound, and the model has to be opened again.
   */
  run(feeds: GpuFeeds, into?: Readonly<Record<string, GpuTensor>>): Promise<Readonly<Record<string, GpuTensor>>>;
  /** Disposes what `run` gave, too. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a model as `open` does, on WebGPU, with its outputs kept on the card. Throws a UserError where that cannot be. */
export async function openOnGpu(
  model: ModelSource,
  { externalData: given = [], ...options }: Omit<OpenOptions, "device"> = {},
): Promise<GpuModel> {
  const ort = await webgpuRuntime();
  const { graph, bytes, externalData } = await loadModel(model, given);
  requireGpuOutputs(graph);
  const load = creator(ort, WEBGPU, bytes, { externalData });
  const create: typeof load = (more) => load({ ...more, preferredOutputLocation: "gpu-buffer" });
  const { session, fallback } = await start(ort, WEBGPU, create, options);
  const device = (await ort.env.webgpu.device) as GPUDevice; // of these types where the page's are the standard ones
  const [inputs, outputs] = [ports(session.inputMetadata), ports(session.outputMetadata)];
  const held = new Set<GpuTensor>();
  let state: "open" | "failed" | "closed" = "open";

  const asOrt = (tensor: GpuTensor): Ort.Tensor =>
    ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: tensor.dtype, dims: tensor.shape });
  const fed = (name: string, t: HostTensor | GpuTensor): Ort.Tensor =>
    onCard(t) ? asOrt(t) : tensors<Ort.Tensor>(ort, { [name]: t })[name]!; // which it has made
  const bound = (feeds: GpuFeeds, into: Readonly<Record<string, GpuTensor>>) => {
    requireFit(device, { inputs, outputs }, feeds, into);
    try {
      return {
        feeds: Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, fed(name, t)])),
        fetches: Object.fromEntries(outputs.map(({ name }) => [name, into[name] ? asOrt(into[name]) : null])),
      };
    } catch (e) {
      throw runError(e);
    }
  };
  const keep = (name: string, result: Ort.Tensor): GpuTensor => {
    const { type, dims, gpuBuffer } = result;
    if (!isGpuDType(type)) throw new Error(`the output '${name}' is ${type}, which no buffer on the card holds`);
    const free = (): void => {
      held.delete(tensor);
      result.dispose();
    };
    const tensor = heldTensor(device, type, dims, gpuBuffer as GPUBuffer, free); // as for the device
    held.add(tensor);
    return tensor;
  };
  const close = async (): Promise<void> => {
    if (state === "closed") return;
    state = "closed";
    await inTurn(() => {}); // the run that is under way, which may give more to dispose
    await Promise.all(Array.from(held, (tensor) => tensor.dispose()));
    await inTurn(() => session.release());
  };

  return {
    device,
    fallback,
    inputs,
    outputs,
    async run(feeds, into = {}) {
      const { feeds: fed, fetches } = bound(feeds, into);
      return inTurn(async () => {
        if (state === "closed") throw new UserError("the session is closed");
        if (state === "failed")
          throw new UserError("a run of the model has failed, after which ONNX Runtime cannot run it: open it again");
        try {
          const results = await session.run(fed, fetches);
          const given = Object.entries(results as Readonly<Record<string, Ort.Tensor>>); // of other kinds it keeps none on a card
          return Object.fromEntries(given.map(([name, result]) => [name, into[name] ?? keep(name, result)]));
        } catch (e) {
          state = "failed";
          throw runError(e);
        }
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function requireGpuOutputs({ outputs }: Graph): void {
  for (const { name, type } of outputs)
    if (type && (type.kind !== "tensor" || !isGpuDType(type.dtype)))
      throw new UserError(`the output '${name}' is ${show(type)}, which no buffer on the card holds: use open`);
}

const onCard = (tensor: HostTensor | GpuTensor): tensor is GpuTensor => "gpuBuffer" in tensor;

/** Lets pass what the runtime will run, since it cannot be used after it has refused a run. */
function requireFit(
  device: GPUDevice,
  { inputs, outputs }: Pick<GpuModel, "inputs" | "outputs">,
  feeds: GpuFeeds,
  into: Readonly<Record<string, GpuTensor>>,
): void {
  for (const name of Object.keys(feeds)) choose("input", name, inputs);
  const lengths = new Map<string, number>();
  for (const port of inputs) {
    const tensor = feeds[port.name];
    if (!tensor) throw new UserError(`the input '${port.name}' is missing: give ${show(port.type)}`);
    requirePort(device, "input", port, tensor);
    if (port.type?.kind === "tensor")
      port.type.shape?.forEach((d, i) => {
        if (typeof d === "string") lengths.set(d, tensor.shape[i] ?? 0);
      });
  }
  for (const [name, tensor] of Object.entries(into)) {
    const { type } = choose("output", name, outputs);
    const known =
      type?.kind === "tensor" && type.shape?.map((d) => (typeof d === "string" ? (lengths.get(d) ?? d) : d));
    requirePort(device, "output", { name, type: known ? tensorType(type.dtype, known) : type }, tensor);
  }
}

function requirePort(device: GPUDevice, what: string, { name, type }: Port, tensor: HostTensor | GpuTensor): void {
  const given = tensorType(tensor.dtype, tensor.shape);
  // the runtime says of a shape that it does not know that it has no axes
  const wanted = type?.kind === "tensor" && !type.shape?.length ? tensorType(type.dtype, null) : type;
  if (!compatible(wanted, given))
    throw new UserError(`the ${what} '${name}' is ${show(type)}, and ${show(given)} does not fit: give such a tensor`);
  if (!onCard(tensor)) {
    if (tensor.data.length !== elements(tensor.shape))
      throw new UserError(
        `the ${what} '${name}' is given ${tensor.data.length} numbers for ${show(given)}: give one for each`,
      );
    return;
  }
  if (tensor.disposed) throw new UserError(`the tensor given for the ${what} '${name}' is disposed: give another`);
  if (tensor.device !== device)
    throw new UserError(`the tensor given for the ${what} '${name}' is on another device: make it on the model's`);
}
