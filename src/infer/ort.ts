import type { DType } from "../graph/dtype.js";
import { UserError } from "../graph/error.js";
import { tensorType } from "../graph/type.js";
import type { Feeds, HostArray, HostTensor, Port } from "./session.js";

/** What ONNX Runtime's JavaScript packages say of one input or output. */
interface Metadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}
/** A value as they return it. */
interface Result {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export function ports(metadata: readonly Metadata[]): readonly Port[] {
  return metadata.map(({ name, isTensor, type, shape = [] }) => ({
    name,
    // the runtime's names of element types are ONNX's; a length that it does not know is ""
    type: isTensor
      ? tensorType(
          type as DType,
          shape.map((d) => (typeof d === "string" ? d || null : d)),
        )
      : null,
  }));
}

export const feedsOf = (results: Readonly<Record<string, unknown>>): Feeds =>
  Object.fromEntries(Object.entries(results).map(([name, value]) => [name, hostTensor(name, value as Result)])); // checked there

function hostTensor(name: string, { type, dims, data }: Result): HostTensor {
  if (!ArrayBuffer.isView(data)) throw new Error(`the output '${name}' holds no numbers, and cannot be returned`);
  const bits = type === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data; // newer engines give a Float16Array
  return { dtype: type as DType, shape: dims, data: bits as HostArray }; // as above, and the arrays are ours
}

/** The two packages' constructor of tensors. */
interface TensorMaker<T> {
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => T;
}
/** Feeds as the runtime takes them. */
export const tensors = <T>(ort: TensorMaker<T>, feeds: Feeds): Record<string, T> =>
  Object.fromEntries(
    // the runtime pairs each array with its type's name, which only the check at run time can see
    Object.entries(feeds).map(([name, t]) => [
      name,
      new ort.Tensor(t.dtype as "float32", t.data as Float32Array, t.shape),
    ]),
  );

const OUT_OF_MEMORY =
  /Failed to allocate|bad_alloc|shape is too large|Too many storage buffers|out of memory|memory access out of bounds|allocation failed/i;

/** What the runtime throws when a model is run, as a sentence. */
export function runError(e: unknown): UserError {
  const message = firstLine(e instanceof Error ? e.message : String(e));
  if (!OUT_OF_MEMORY.test(message)) return new UserError(`ONNX Runtime could not run the model: ${message}`);
  return new UserError(`the memory does not suffice for these inputs: give fewer images at a time (${message})`);
}
/** What the runtime throws when it loads a model, where that is the model's fault, as a sentence. */
export function loadError(message: string): UserError {
  const reason = firstLine(message);
  if (!OUT_OF_MEMORY.test(reason)) return new UserError(`ONNX Runtime refuses the model: ${reason}`);
  return new UserError(`the memory does not suffice for the model: take a smaller one, or more memory (${reason})`);
}

export const firstLine = (message: string): string => message.split("\n")[0] ?? message;
