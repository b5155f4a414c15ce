import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { delimiter, isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Builder, type WebDriver } from "selenium-webdriver";
import type { Engine } from "./engine.js";
import { type RecordingProxy, recordingProxy } from "./proxy.js";

/** A started browser. */
export interface Browser {
  readonly driver: WebDriver;
  /** "153.0" */
  readonly version: string;
  /** Hosts other than this machine that the browser has asked for anything. */
  readonly hosts: RecordingProxy["hosts"];
  close(): Promise<void>;
}

/** Why the engine cannot be tried here; null where it can. */
export const missing = (engine: Engine): string | null => {
  const absent = engine.programs.find((names) => !names.some(pathOf));
  return absent ? `there is no ${absent[0]}: ${engine.install}` : null;
};

/** Starts the engine's driver and by it a browser, on a screen of its own where there is none. `downloads` is the home of what it keeps, too. */
export async function start(engine: Engine, downloads: string): Promise<Browser> {
  const programs = engine.programs.map((names) => names.map(pathOf).find((path) => path !== null) ?? "");
  const screen = await startScreen();
  const proxy = await recordingProxy();
  const port = await freePort();
  const [program, ...args] = engine.command(programs, port);
  const driverProcess = spawn(program, args, {
    stdio: "ignore",
    env: { ...process.env, ...(screen && { DISPLAY: screen.display }), HOME: downloads },
  });
  const end = async (): Promise<void> => {
    for (const child of [driverProcess, screen?.child]) child?.kill();
    await proxy.close();
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await listening(url, driverProcess);
    const driver = await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(url)
      .withCapabilities(engine.capabilities(programs, downloads, proxy.address))
      .build();
    const version = (await driver.getCapabilities()).getBrowserVersion() ?? "";
    await driver.manage().setTimeouts({ script: 240_000, pageLoad: 120_000 });
    return { driver, version, hosts: proxy.hosts, close: () => driver.quit().finally(end) };
  } catch (e) {
    await end();
    throw e;
  }
}

function pathOf(program: string): string | null {
  const folders = isAbsolute(program) ? [""] : (process.env.PATH ?? "").split(delimiter);
  const paths = folders.map((folder) => (folder ? join(folder, program) : program));
  return paths.find(executable) ?? null;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** An X server without a screen, on Linux without one. */
async function startScreen(): Promise<{ readonly child: ChildProcess; readonly display: string } | null> {
  if (process.platform !== "linux" || process.env.DISPLAY || !pathOf("Xvfb")) return null;
  const args = ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const child = spawn("Xvfb", args, { stdio: ["ignore", "pipe", "ignore"] });
  const [number] = await once(child.stdout, "data");
  return { child, display: `:${String(number).trim()}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** Waits until the driver answers. */
async function listening(url: string, driver: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (driver.exitCode !== null) throw new Error(`the driver ended with code ${driver.exitCode}`);
    const answer = await fetch(`${url}/status`).catch(() => null);
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error("the driver does not answer");
}
