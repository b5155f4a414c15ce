import { execFile } from "node:child_process";
import { promisify } from "node:util";

interface Question {
  readonly command: string;
  readonly args: readonly string[];
  /** The name of an adapter, in each line that has one. */
  readonly name: RegExp;
}
/** What names the graphics adapters; asked where it is installed. */
const QUESTIONS: Readonly<Partial<Record<NodeJS.Platform, readonly Question[]>>> = {
  linux: [
    { command: "nvidia-smi", args: ["-L"], name: /^GPU \d+: (.*?) \(UUID/gm },
    { command: "vulkaninfo", args: ["--summary"], name: /deviceName\s*= (.*)$/gm },
  ],
  darwin: [{ command: "system_profiler", args: ["SPDisplaysDataType"], name: /Chipset Model: (.*)$/gm }],
  win32: [
    {
      command: "powershell",
      args: ["-NoProfile", "-Command", "(Get-CimInstance Win32_VideoController).Name"],
      name: /^(.+?)\r?$/gm,
    },
  ],
};
const PATIENCE_MS = 5000;

/** Names of graphics adapters, as far as the system's tools give them. */
export async function adapters(): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { command, args, name } of QUESTIONS[process.platform] ?? []) {
    const { stdout } = await promisify(execFile)(command, args, { timeout: PATIENCE_MS }).catch(() => ({ stdout: "" })); // not installed, or no adapter
    names.push(...Array.from(stdout.matchAll(name), (m) => m[1] ?? ""));
  }
  return [...new Set(names)];
}
