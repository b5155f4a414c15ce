import type { DType } from "../graph/dtype.js";
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

export const firstLine = (message: string): string => message.split("\n")[0] ?? message;
