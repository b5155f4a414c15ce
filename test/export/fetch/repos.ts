import type { Repo } from "./hub-server.js";
import { noise } from "./noise.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const index = { weight_map: { a: "part-1.safetensors", b: "part-2.safetensors" } };

/** What parity/hub.mjs has Python fetch from our server, and npm test reads in the cache that came of it. */
export const repos: Readonly<Record<string, Repo>> = {
  "timm/se": {
    commit: "a".repeat(40),
    revisions: ["main"],
    files: {
      "model.safetensors": noise(2048),
      "config.json": text('{"architecture":"seresnet50"}'),
      "README.md": text("---\nlicense: apache-2.0\n---\n# A model\n"),
    },
  },
  "timm/sharded": {
    commit: "b".repeat(40),
    revisions: ["main"],
    files: {
      "model.safetensors.index.json": text(JSON.stringify(index)),
      "part-1.safetensors": noise(1500, 2),
      "part-2.safetensors": noise(1600, 3),
    },
  },
};
