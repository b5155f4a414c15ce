import { writeFile } from "node:fs/promises";
import type { Architecture } from "../../models/architecture.js";
import { buildNetwork, type NetworkOptions } from "../../models/network.js";
import { initialize } from "../../src/graph/random.js";
import { readAll, type Tensor } from "../../src/graph/tensor.js";

/** The tensors of `architecture` with random weights, under the names that `spell` gives them. */
export function tensorsOf(
  architecture: Architecture,
  options: NetworkOptions = {},
  spell: (key: string) => string = (key) => key,
): ReadonlyMap<string, Tensor> {
  const { parameters } = buildNetwork("n", architecture, options);
  initialize(parameters, 7);
  return new Map(parameters.map((p) => [spell(p.key), p.tensor]));
}

/** A .safetensors file of float32 tensors. */
export async function safetensors(tensors: ReadonlyMap<string, Tensor>): Promise<Buffer> {
  const header: Record<string, object> = {};
  let at = 0;
  for (const [key, { shape, byteLength }] of tensors) {
    header[key] = { dtype: "F32", shape, data_offsets: [at, at + byteLength] };
    at += byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, ...(await Promise.all(Array.from(tensors.values(), readAll)))]);
}

export const writeSafetensors = async (file: string, tensors: ReadonlyMap<string, Tensor>): Promise<void> =>
  writeFile(file, await safetensors(tensors));
