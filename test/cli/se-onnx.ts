import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface RunOptions {
  readonly cwd: string;
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Sends Ctrl-C as soon as this holds; `stderr` is what was printed there so far. */
  readonly interruptWhen?: (stderr: string) => boolean | Promise<boolean>;
}

/** The built command line as a process of its own. */
export function seOnnx(
  args: readonly string[],
  { cwd, nodeArgs = [], env = {}, interruptWhen }: RunOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, MAIN, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const poll = setInterval(async () => {
      if (!(await interruptWhen?.(stderr))) return;
      clearInterval(poll);
      child.kill("SIGINT");
      child.kill("SIGINT"); // as npx does
    }, 2);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(poll);
      resolve({ code, stdout, stderr });
    });
  });
}

/** A folder that goes when the test file is done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "se-onnx-test-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const photo = (name: string): string => fileURLToPath(new URL(`../photos/${name}`, import.meta.url));
