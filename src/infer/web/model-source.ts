import { decode } from "../../export/decode.js";
import { encodeToBytes } from "../../export/encode.js";
import { UserError } from "../../graph/error.js";
import { Graph } from "../../graph/graph.js";
import type { Ranged } from "../../graph/tensor.js";
import type { ExternalBlob } from "../provider.js";
import { fetchBlob } from "./fetch.js";

/** The address of an .onnx file, the file itself (a File is a Blob), its bytes, or a graph that is to run without ever being one. */
export type ModelSource = string | URL | Blob | Uint8Array | Graph;

/** A file of tensors that the model names: `path` is the name, as in onnxruntime-web's option of this name. */
export interface ExternalFile {
  readonly path: string;
  readonly data: string | URL | Blob | Uint8Array<ArrayBuffer>;
}

/** A model in memory, and the files of tensors that it names. */
export interface LoadedModel {
  readonly graph: Graph;
  readonly bytes: Uint8Array;
  readonly externalData: readonly ExternalBlob[];
}

/**
 * Reads a model. The files that it names are those given, or else lie beside it where it has an address.
 * Throws a UserError that names what cannot be fetched or read.
 */
export async function loadModel(source: ModelSource, given: readonly ExternalFile[]): Promise<LoadedModel> {
  if (source instanceof Graph) return { graph: source, bytes: await encodeToBytes(source), externalData: [] };
  const address = typeof source === "string" || source instanceof URL ? source : null;
  const bytes = await bytesOf(source);
  const found = new Map<string, Blob>();
  const openExternal = async (location: string): Promise<Ranged> => {
    const blob = found.get(location) ?? (await externalBlob(location, address, given));
    found.set(location, blob);
    return ranged(blob);
  };
  try {
    const graph = await decode(bytes, { openExternal });
    return { graph, bytes, externalData: Array.from(found, ([path, data]) => ({ path, data })) };
  } catch (e) {
    if (address === null || !(e instanceof UserError)) throw e;
    throw new UserError(`'${address}' cannot be read as an ONNX model: ${e.message}`);
  }
}

async function bytesOf(source: Exclude<ModelSource, Graph>): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (typeof source !== "string" && !(source instanceof URL) && !(source instanceof Blob))
    throw new UserError(
      "a model is given as its URL, a File or Blob, the bytes of its file as a Uint8Array, or a Graph",
    );
  const blob = source instanceof Blob ? source : await fetchBlob(source);
  return new Uint8Array(await blob.arrayBuffer());
}

function externalBlob(
  location: string,
  address: URL | string | null,
  given: readonly ExternalFile[],
): Blob | Promise<Blob> {
  const plain = withoutDot(location);
  const file = given.find(({ path }) => withoutDot(path) === plain);
  if (file?.data instanceof Blob) return file.data;
  if (file?.data instanceof Uint8Array) return new Blob([file.data]);
  if (file) return fetchBlob(file.data);
  const parts = plain.split(/[\\/]/);
  if (parts.includes("..") || parts[0] === "")
    throw new UserError(`tensors in '${location}' are refused, since that is outside the model's folder`);
  if (address === null)
    throw new UserError(
      `the model keeps tensors in '${location}': give externalData: [{ path: "${location}", data: … }], a URL, a File or its bytes`,
    );
  return fetchBlob(new URL(parts.map(encodeURIComponent).join("/"), new Request(address).url));
}
const withoutDot = (path: string): string => path.replace(/^\.\//, "");

const ranged = (blob: Blob): Ranged => ({
  byteLength: blob.size,
  read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
});
