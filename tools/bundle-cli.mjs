// The last step of npm run build: dist/cli as one file and its workers in place of hundreds, since a short command spends most of its time finding
// and reading modules. The code of a command still runs when it is called and not before; packages are left outside.

import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const outdir = place("dist/cli");
await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: {
    main: place("cli/main.ts"),
    // workers are found beside the file that starts them
    "session-worker": place("src/infer/node/session-worker.ts"),
    "prepare-worker": place("src/infer/node/prepare-worker.ts"),
  },
  outdir,
  bundle: true,
  minifyWhitespace: true, // names stay, for reports of faults
  minifySyntax: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "warning",
});
