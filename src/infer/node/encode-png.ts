import type { Pixels } from "../pixels.js";
import { loadSharp } from "./load-sharp.js";

/** The bytes of a PNG file. Throws a UserError with the install command where the package sharp is missing. */
export async function encodePng({ width, height, data }: Pixels): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}
