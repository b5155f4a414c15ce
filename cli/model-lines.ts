import type { WeightsOrigin } from "../src/export/metadata.js";
import type { Preprocessing } from "../src/graph/preprocessing.js";

/** "timm/seresnet50.ra2_in1k, Apache-2.0, https://…": where weights come from. */
export function originLine(origin: WeightsOrigin): string {
  if (origin.source === "random") return `random (seed ${origin.seed})`;
  const { name, url, licence } = origin;
  return [name === url ? null : name, licence ?? (url ? "licence not known" : null), url].filter(Boolean).join(", ");
}

/** "shorter side to 256, bicubic, centre 224x224; mean 0.485 0.456 0.406, std 0.229 0.224 0.225" */
export function imageLine({
  input_size: [, height, width],
  crop_pct,
  interpolation,
  mean,
  std,
}: Preprocessing): string {
  const side = Math.floor(Math.min(height, width) / crop_pct);
  return `shorter side to ${side}, ${interpolation}, centre ${height}x${width}; mean ${mean.join(" ")}, std ${std.join(" ")}`;
}
