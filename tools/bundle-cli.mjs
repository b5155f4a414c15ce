// The last step of npm run build: dist/cli as one program and its workers in place of hundreds of files, since a short command spends most of its
// time finding and reading modules. The program is a script, not a module, since the engine's code can be kept for scripts alone: see
// cli/launch.ts. The code of a command still runs when it is called and not before; packages other than commander are left outside.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(place("package.json"), "utf8"),
);
const { commander: _bundled, ...outside } = { ...dependencies, ...optionalDependencies, ...peerDependencies };

const outdir = place("dist/cli");
/** @satisfies {import("esbuild").BuildOptions} */
const shared = {
  outdir,
  bundle: true,
  minifyWhitespace: true, // names stay, for reports of faults
  minifySyntax: true,
  platform: "node",
  target: "node20",
  external: Object.keys(outside),
  logLevel: "warning",
};
await rm(outdir, { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: { program: place("cli/main.ts") },
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  define: { "import.meta.url": "programUrl" },
  banner: {
    js: `/* with commander: ${readFileSync(place("node_modules/commander/LICENSE"), "utf8").replace(/\s+/g, " ").trim()} */
(function (require, programUrl) {`,
  },
  footer: { js: "})" },
});
const digest = createHash("sha256")
  .update(readFileSync(place("dist/cli/program.cjs")))
  .digest("hex");
await build({
  ...shared,
  entryPoints: {
    main: place("cli/launch.ts"),
    // workers are found beside the file that starts them
    "session-worker": place("src/infer/node/session-worker.ts"),
    "prepare-worker": place("src/infer/node/prepare-worker.ts"),
  },
  format: "esm",
  define: { PROGRAM: JSON.stringify(digest.slice(0, 16)) },
});
