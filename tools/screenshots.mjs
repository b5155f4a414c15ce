// npm run screenshots: docs/playground/*.webp, the page after a run and a timing on WASM, at three widths, light and dark. Needs Chromium (CHROMIUM) and sharp.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";

const WIDTHS = [360, 768, 1440];
const folder = fileURLToPath(new URL("../docs/playground/", import.meta.url));
const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

await mkdir(folder, { recursive: true });
const server = spawn(process.execPath, [program, "playground", "--port", "0", "--json"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = await once(server.stdout, "data");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
await page.goto(JSON.parse(line).url);
await page.waitForSelector("#facts div");
await page.click("label[for=device-wasm]");
for (const button of ["#run", "#time"]) {
  await page.click(button);
  await page.waitForSelector("#run:enabled", { timeout: 120_000 });
}
await page.locator("h1").click(); // so that no button looks pressed
let total = 0;
for (const width of WIDTHS)
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const file = `${folder}${width}-${colorScheme}.webp`;
    const { size } = await sharp(await page.screenshot({ fullPage: true }))
      .webp({ quality: 80, effort: 6 })
      .toFile(file);
    total += size;
    console.log(`${width}-${colorScheme}.webp: ${(size / 1024).toFixed(0)} KB`);
  }
console.log(`${(total / 1024).toFixed(0)} KB in all`);
await browser.close();
server.kill();
