// The last step of npm run build: dist/cli as one program and its workers in place of hundreds of files, since a short command spends most of its
// time finding and reading modules. The program is a script, not a module, since the engine's code can be kept for scripts alone: cli/main.ts
// runs it. The code of a command still runs when it is called and not before. commander and protobufjs are put in; other packages stay outside.
// ECharts is put into the one file that uses it, which the library and the command line share: installing it would take 67 MB. That file is a CommonJS
// module, since the program can load no other kind.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(place("package.json"), "utf8"),
);
const { commander: _c, protobufjs: _p, ...outside } = { ...dependencies, ...optionalDependencies, ...peerDependencies };

/** @param {string} name @param {string} [file] */
const licence = (name, file = "LICENSE") => {
  const text = readFileSync(place(`node_modules/${name}/${file}`), "utf8");
  return `/* With ${name}: ${text.replace(/\s+/g, " ").trim()} */`;
};

const chart = "src/infer/gates-chart";
await build({
  entryPoints: [place(`${chart}.ts`)],
  outfile: place(`dist/${chart}.cjs`),
  bundle: true,
  minify: true,
  format: "cjs",
  platform: "node",
  mainFields: ["module", "main"],
  target: "node20",
  logLevel: "warning",
  banner: {
    js: [
      licence("echarts", "NOTICE"),
      licence("echarts"),
      licence("echarts", "licenses/LICENSE-d3"),
      licence("zrender"),
    ].join("\n"),
  },
});
await writeFile(place(`dist/${chart}.js`), 'export { drawGates, MOST_CLASSES } from "./gates-chart.cjs";\n');
/** @type {import("esbuild").Plugin} */
const chartOutside = {
  name: "chart-outside",
  setup({ onResolve }) {
    onResolve({ filter: /\/gates-chart\.js$/ }, () => ({ path: `../${chart}.cjs`, external: true }));
  },
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
  plugins: [chartOutside],
};
await rm(outdir, { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: { program: place("cli/program.ts") },
  format: "cjs",
  supported: { "dynamic-import": false }, // a script whose code was kept cannot import: packages are required
  define: { "import.meta.url": "programUrl" },
  banner: {
    js: `${["commander", "protobufjs"].map((name) => licence(name)).join("\n")}
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
