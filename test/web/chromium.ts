import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
const missing = !existsSync(path);

/** Why the browser's tests are skipped; null where they run. In CI they always do, and so fail where there is no browser. */
export const noBrowser: string | null =
  missing && process.env.CI !== "true"
    ? `the browser's tests are skipped: there is no Chromium at ${path}; set CHROMIUM to where it is`
    : null;

/** WebGPU on the processor, since no machine of a test need have a graphics one, and WebNN, which Chromium hides behind a flag. */
export const ACCELERATED: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan,WebMachineLearningNeuralNetwork",
];

export async function launch(flags: readonly string[] = []): Promise<Browser> {
  if (missing) throw new Error(`there is no Chromium at ${path}: install it, or set CHROMIUM to where it is`);
  const quiet = ["background-networking", "component-update", "sync", "quic"].map((what) => `--disable-${what}`);
  return chromium.launch({ executablePath: path, args: ["--no-sandbox", "--no-first-run", ...quiet, ...flags] });
}

/** A page that waits for as long as the test may take. */
export async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  return page;
}
