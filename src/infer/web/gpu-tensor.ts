import { BITS, type DType } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { elements, show, tensorType } from "../../graph/type.js";
import { ARRAYS } from "../host-array.js";
import type { HostArray } from "../session.js";
import { inTurn } from "./runtime.js";

/** Element types that onnxruntime-web keeps in a GPUBuffer. */
const DTYPES = ["float32", "float16", "int32", "uint32", "int64", "uint8", "bool"] as const;
export type GpuDType = (typeof DTYPES)[number];

/** A tensor in the memory of a graphics card. What is done with it happens after the runs that were asked for before. */
export interface GpuTensor {
  readonly device: GPUDevice;
  readonly dtype: GpuDType;
  readonly shape: readonly number[];
  /** Row-major, from its start; it may be longer than the tensor. */
  readonly gpuBuffer: GPUBuffer;
  readonly disposed: boolean;
  /** Its numbers, copied to the processor's memory. Throws a UserError where it was disposed, or its device is lost. */
  read(): Promise<HostArray>;
  /** Gives back memory that it came with; a buffer that was given to `gpuTensor` stays its owner's. */
  dispose(): Promise<void>;
}

/** GPUBufferUsage's COPY_SRC, COPY_DST and STORAGE (https://www.w3.org/TR/webgpu/#buffer-usage), and what reading back takes: the standard types lack them. */
const USAGE = 0x4 | 0x8 | 0x80;
const STAGING = { usage: 0x1 | 0x8, mode: 0x1 };

export const isGpuDType = (dtype: DType): dtype is GpuDType => DTYPES.some((d) => d === dtype);

/**
 * A tensor in `buffer`, of the same device and with the usages STORAGE, COPY_SRC and COPY_DST, or else in a new one. Throws a UserError where the
 * element type is none that a card holds, or the buffer does not suffice.
 */
export function gpuTensor(device: GPUDevice, dtype: GpuDType, shape: readonly number[], buffer?: GPUBuffer): GpuTensor {
  const what = show(tensorType(dtype, shape));
  if (!isGpuDType(dtype)) throw new UserError(`no buffer on the card holds ${what}: give one of ${DTYPES.join(", ")}`);
  if (!shape.every((d) => Number.isInteger(d) && d > 0))
    throw new UserError(`no buffer on the card holds ${what}: give lengths from 1 up`);
  const size = copySize(dtype, shape);
  if (!buffer) {
    const own = device.createBuffer({ size, usage: USAGE });
    return heldTensor(device, dtype, shape, own, () => own.destroy());
  }
  if (buffer.size < size)
    throw new UserError(`the buffer of ${buffer.size} bytes is too small for ${what}: give one of ${size}`);
  if ((buffer.usage & USAGE) !== USAGE)
    throw new UserError(
      `the buffer for ${what} lacks a usage: create it with GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST`,
    );
  return heldTensor(device, dtype, shape, buffer, () => {});
}

/** A tensor whose memory `free` gives back. */
export function heldTensor(
  device: GPUDevice,
  dtype: GpuDType,
  shape: readonly number[],
  gpuBuffer: GPUBuffer,
  free: () => void,
): GpuTensor {
  let disposed = false;
  return {
    device,
    dtype,
    shape,
    gpuBuffer,
    get disposed() {
      return disposed;
    },
    async read() {
      if (disposed) throw new UserError("the tensor is disposed: read it before");
      const size = copySize(dtype, shape);
      const staging = device.createBuffer({ size, usage: STAGING.usage });
      try {
        await inTurn(() => {
          const encoder = device.createCommandEncoder();
          encoder.copyBufferToBuffer(gpuBuffer, 0, staging, 0, size);
          device.queue.submit([encoder.finish()]);
        });
        await staging.mapAsync(STAGING.mode);
        return ARRAYS[dtype]!(staging.getMappedRange().slice(0, byteLength(dtype, shape))); // it has each GpuDType
      } catch (e) {
        throw new UserError(
          `the tensor cannot be read from the card, whose device goes with the last model on it (${e instanceof Error ? e.message : String(e)}): open the model again`,
        );
      } finally {
        staging.destroy();
      }
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await inTurn(free);
    },
  };
}

const byteLength = (dtype: GpuDType, shape: readonly number[]): number => (elements(shape) * BITS[dtype]) / 8;
/** WebGPU copies multiples of 4 bytes. */
const copySize = (dtype: GpuDType, shape: readonly number[]): number => 4 * Math.ceil(byteLength(dtype, shape) / 4);
