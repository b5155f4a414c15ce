import { type CacheReport, cacheReport } from "../src/infer/node/fast-cache.js";
import { installed } from "../src/infer/node/package.js";
import { type Processor, processor } from "../src/infer/node/processor.js";
import { providers } from "../src/infer/node/providers/index.js";
import { VERSION } from "../src/version.js";
import type { Command } from "./command.js";
import { bytes, table } from "./format.js";
import { adapters } from "./machine.js";

/** A package that se-onnx runs with where it is installed. */
interface Package {
  readonly name: string;
  readonly version: string | null;
  readonly hint: string | null;
}
/** One execution provider of Node. */
interface DeviceReport {
  readonly name: string;
  readonly available: boolean;
  readonly reason: string | null;
  readonly hint: string | null;
}
interface Report {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: Processor;
  readonly packages: readonly Package[];
  /** A sentence where the two runtimes are of different versions. */
  readonly skew: string | null;
  readonly adapters: readonly string[];
  readonly devices: readonly DeviceReport[];
  /** Fast forms of models that are kept. */
  readonly optimized: CacheReport;
}

export const doctor: Command = {
  define(program, io) {
    program
      .command("doctor")
      .description("Show which runtimes and devices work here, and what brings the others")
      .option("--json", "print one JSON object")
      .addHelpText("after", "\nExample:\n  $ se-onnx doctor")
      .action(async ({ json }: { readonly json?: boolean }) => {
        const packages = [
          packageReport("onnxruntime-node", "npm install onnxruntime-node --ignore-scripts"),
          packageReport("onnxruntime-web", "npm install onnxruntime-web"),
          packageReport("sharp", "npm install sharp"),
        ];
        const bar = io.progress("trying devices");
        const devices: DeviceReport[] = [];
        for (const provider of providers.all) {
          io.signal.throwIfAborted();
          bar.update(devices.length / providers.all.length);
          const available = await provider.available();
          const { reason, hint } = available === true ? { reason: null, hint: null } : available;
          devices.push({ name: provider.name, available: available === true, reason, hint });
        }
        bar.done();
        const report: Report = {
          version: VERSION,
          node: process.versions.node,
          platform: `${process.platform}/${process.arch}`,
          processor: processor(),
          packages,
          skew: skew(packages),
          adapters: await adapters(),
          devices,
          optimized: await cacheReport(),
        };
        io.out(json ? JSON.stringify(report, null, 2) : text(report));
      });
  },
};

function packageReport(name: string, command: string): Package {
  const version = installed(name)?.version ?? null;
  return { name, version, hint: version ? null : `run \`${command}\`` };
}

function skew(packages: readonly Package[]): string | null {
  const [node, web] = ["onnxruntime-node", "onnxruntime-web"].map((n) => packages.find((p) => p.name === n)?.version);
  if (!node || !web || node === web) return null;
  return `onnxruntime-node is ${node} and onnxruntime-web ${web}, so that Node and pages may differ: run \`npm install onnxruntime-web@${node}\``;
}

function text({
  version,
  node,
  platform,
  processor: p,
  packages,
  skew: differ,
  adapters: found,
  devices,
  optimized,
}: Report): string {
  const processorLine = `${p.model}, ${p.cores} cores, ${p.threads} threads${p.simd?.length ? `, ${p.simd.join(" ")}` : ""}`;
  return [
    `se-onnx ${version}, Node ${node}, ${platform}`,
    processorLine,
    `graphics adapters: ${found.length ? found.join(", ") : "none that the system's tools name"}`,
    "",
    table([["package", "version", ""], ...packages.map((k) => [k.name, k.version ?? "missing", k.hint ?? ""])]),
    ...(differ ? [differ] : []),
    "",
    table([
      ["device", "works", ""],
      ...devices.flatMap((d) => [
        [d.name, d.available ? "yes" : "no", d.reason ?? ""],
        ...(d.hint ? [["", "", `-> ${d.hint}`]] : []),
      ]),
    ]),
    "",
    `fast forms of models kept: ${optimized.models}, ${bytes(optimized.bytes)} of at most ${bytes(optimized.limit)}, in ${optimized.folder}`,
  ].join("\n");
}
