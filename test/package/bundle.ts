import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface Bundle {
  /** Script by file name; the entry is "entry.js". */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/** What a site would serve for a script of `code`: the built package and all that it imports, minified for browsers, `external` packages left out. */
export async function bundle(
  code: string,
  { splitting = false, external = [] as readonly string[] } = {},
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: "entry.js" },
    outdir: "/",
    entryNames: "entry",
    bundle: true,
    splitting,
    external: [...external],
    format: "esm",
    platform: "browser",
    minify: true,
    metafile: true,
    write: false,
    logLevel: "silent", // its errors are thrown
  });
  return { files: new Map(outputFiles.map((f) => [f.path.replace(/^.*[/\\]/, ""), f.contents])), metafile };
}

/** Bytes of the entry and of every script that it needs before it runs. */
export function size({ files, metafile }: Bundle): number {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, o]) => [path.replace(/^.*[/\\]/, ""), o]));
  const needed = new Set(["entry.js"]);
  for (const file of needed)
    for (const { path, kind } of outputs.get(file)?.imports ?? [])
      if (kind === "import-statement") needed.add(path.replace(/^.*[/\\]/, ""));
  return [...needed].reduce((sum, file) => sum + (files.get(file)?.length ?? 0), 0);
}
