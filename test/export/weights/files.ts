import type { Checkpoint } from "../../../src/export/weights/checkpoint.js";
import { UserError } from "../../../src/graph/error.js";
import { type Ranged, readAll } from "../../../src/graph/tensor.js";
import { show } from "../../../src/graph/type.js";
import { golden, hex } from "../plain.js";

/** `bytes` as a file that notes each read. */
export const ranged = (bytes: Uint8Array, reads: [number, number][] = []): Ranged => ({
  byteLength: bytes.length,
  read: async (start, end) => {
    reads.push([start, end]);
    if (start < 0 || start > end || end > bytes.length) throw new Error(`bytes ${start} to ${end} of ${bytes.length}`);
    return bytes.slice(start, end);
  },
});
export const fixture = (name: string): Promise<Uint8Array> => golden(`weights/${name}`);

/** What Python has in a fixture: type and bytes by key. */
export async function expected(name: string): Promise<Readonly<Record<string, string>>> {
  const all: Record<string, Record<string, { type: string; hex: string }>> = JSON.parse(
    new TextDecoder().decode(await fixture("values.json")),
  );
  return Object.fromEntries(Object.entries(all[name] ?? {}).map(([key, v]) => [key, `${v.type} ${v.hex}`]));
}
const ARANGE = hex(new Uint8Array(Float32Array.from({ length: 20_000 }, (_, i) => i).buffer));
/** Type and bytes by key, the same way. */
export async function plainTensors({ tensors }: Checkpoint): Promise<Readonly<Record<string, string>>> {
  const out: Record<string, string> = {};
  for (const [key, t] of tensors) {
    const bytes = hex(await readAll(t));
    out[key] = `${show(t)} ${bytes === ARANGE ? "arange" : bytes}`;
  }
  return out;
}

/** The message of the UserError that `f` ends in. */
export async function refusal(f: () => Promise<unknown>): Promise<string> {
  try {
    await f();
  } catch (e) {
    if (e instanceof UserError) return e.message;
    throw e;
  }
  throw new Error("it was not refused");
}
