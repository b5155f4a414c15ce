import { windowed } from "../../src/export/windowed.js";
import { UserError } from "../../src/graph/error.js";
import type { Ranged } from "../../src/graph/tensor.js";

/** A file that is read by range, and so never as a whole. */
export const rangedBlob = (blob: Blob, name: string): Ranged =>
  windowed({
    byteLength: blob.size,
    async read(start, end) {
      const bytes = await blob
        .slice(start, end)
        .arrayBuffer()
        .catch(() => null);
      if (bytes?.byteLength !== end - start)
        throw new UserError(`${name} can no longer be read: choose it again, since it has been changed or moved`);
      return new Uint8Array(bytes);
    },
  });
