// The last step of npm run build: dist/cli as one program and its workers in place of hundreds of files, since a short command spends most of its
// time finding and reading modules. The program is a script, not a module, since the engine's code can be kept for scripts alone: cli/main.ts
// runs it. The code of a command still runs when it is called and not before. commander and protobufjs are put in; other packages stay outside.

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
const { commander: _c, protobufjs: _p, ...outside } = { ...dependencies, ...optionalDependencies, ...peerDependencies };

/** @param {string} name */
const licence = (name) => {
  const text = readFileSync(place(`node_modules/${name}/LICENSE`), "utf8");
  return `/* With ${name}: ${text.replace(/\s+/g, " ").trim()} */`;
};

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
  entryPoints: { program: place("cli/program.ts") },
  format: "cjs",
  supported: { "dynamic-import": false }, // a script whose code was kept cannot import: packages are required
  define: { "import.meta.url": "programUrl" },
  banner: {
    js: `${["commander", "protobufjs"].map(licence).join("\n")}
(function (require, programUrl) {`,
  },
  footer: { js: "})" },
});
const digest = createHash("sha256")
  .update(readFileSync(place("dist/cli/program.js")))
  .digest("hex");
await build({
  ...shared,
  entryPoints: {
    main: place("cli/main.ts"),
    // workers, and the process that makes fast forms, are found beside the file that starts them
    "session-worker": place("src/infer/node/session-worker.ts"),
    "prepare-worker": place("src/infer/node/prepare-worker.ts"),
    "fast-maker": place("src/infer/node/fast-maker.ts"),
  },
  format: "esm",
  define: { PROGRAM: JSON.stringify(digest.slice(0, 16)) },
});
