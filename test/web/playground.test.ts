import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cifar_resnet20 } from "../../models/cifar-resnet.js";
import { safetensors, tensorsOf } from "../cli/checkpoint.js";
import { MAIN, photo } from "../cli/se-onnx.js";
import { root } from "../package/bundle.js";
import { ACCELERATED, launch, noBrowser } from "./chromium.js";
import { serve } from "./site.js";

const CAMERA = ["--use-fake-device-for-media-stream"];
/** `expect.poll` waits as long as the test may take. */
const SOON = { timeout: 600_000 };

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("the playground in Chromium", () => {
  let server: ChildProcess;
  let url: string;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  /** Addresses that pages asked for, and what they or their policy complained of. */
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    server = spawn(process.execPath, [MAIN, "playground", "--port", "0", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(server.stdout ?? server, "data");
    ({ url } = JSON.parse(String(line)));
    browser = await launch([...ACCELERATED, ...CAMERA]);
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
    server?.kill();
  });

  /** The page, once it has counted its first network. */
  async function visit(
    options: Parameters<Browser["newContext"]>[0] = {},
    { address = url, before = "" } = {},
  ): Promise<Page> {
    const context = await browser.newContext(options);
    await context.addInitScript(before);
    context.setDefaultTimeout(0); // the test has its own
    contexts.push(context);
    context.on("request", (request) => asked.push(request.url()));
    const page = await context.newPage();
    page.on("pageerror", (e) => complaints.push(e.message));
    page.on("console", (m) => {
      if (m.type() === "error") complaints.push(m.text());
    });
    await page.goto(address);
    await page.waitForSelector("#facts div");
    return page;
  }
  const errorOf = (page: Page): Promise<string> => page.locator("#error").innerText();
  async function run(page: Page, button = "#run"): Promise<void> {
    await page.click(button);
    await done(page);
  }
  async function done(page: Page): Promise<void> {
    await page.waitForSelector("#run:enabled");
    expect(await errorOf(page)).toBe("");
  }
  async function choose(page: Page, backbone: string): Promise<void> {
    await page.selectOption("#backbone", backbone);
    await page.locator("#facts", { hasText: `${backbone},` }).waitFor();
  }
  /** What axe finds on the page as it is. */
  async function violations(page: Page): Promise<unknown> {
    await expect.poll(() => page.evaluate("document.getAnimations().length"), SOON).toBe(0); // else a colour is on its way to another
    await page.evaluate(axe);
    return page.evaluate(
      "axe.run().then(({ violations }) => violations.map((v) => [v.id, ...v.nodes.map((n) => n.html)]))",
    );
  }

  test("builds SE-ResNet-18 and runs it on WebGPU and WASM, with the same top 5; axe finds nothing", async () => {
    const page = await visit();
    expect(await page.locator("#facts").innerText()).toMatch(/11,776,552 \(SE adds 0\.74%\)/);
    await page.fill("#size", "64"); // the software adapter takes a minute for 224 pixels
    await page.locator("#facts", { hasText: "float32[N,3,64,64]" }).waitFor();
    const best: string[][] = [];
    for (const device of ["wasm", "webgpu"]) {
      await page.click(`label[for=device-${device}]`);
      await run(page);
      best.push(await page.locator("#classes .name").allInnerTexts());
      const note = await page.locator("#run-note").innerText();
      expect(note).toMatch(/^The weights are random: these predictions mean nothing\./);
      expect(note).toMatch(device === "wasm" ? /Run on WASM \(\d threads?\) in / : /Run on WebGPU in /);
    }
    expect(best[0]).toHaveLength(5);
    expect(best[1]).toEqual(best[0]);
    expect(await page.locator("#gates li").count()).toBe(8);
    expect(await page.locator("#gates svg").first().getAttribute("aria-label")).toMatch(
      /^layer1\.0\.se: 64 channels, mean 0\.\d\d, from 0\.\d\d to 0\.\d\d$/,
    );

    const pixels = "document.querySelector('#crop').toDataURL()";
    const first = await page.evaluate(pixels);
    await page.click("label[for=class-1]");
    await expect.poll(() => page.evaluate(pixels), SOON).not.toBe(first); // another class, another map
    expect(await violations(page)).toEqual([]);
    await page.click("#theme");
    expect(await page.getAttribute("html", "data-theme")).toBe("dark");
    expect(await violations(page)).toEqual([]);
  });

  test("is used by the keyboard alone, on a phone too", async () => {
    const page = await visit({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    const focused = () => page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()");
    const way: unknown[] = [];
    const tabTo = async (id: string): Promise<void> => {
      for (let i = 0; i < 30 && (await focused()) !== id; i++) {
        await page.keyboard.press("Tab");
        way.push(await focused());
        const ring = await page.evaluate(
          "[document.activeElement, ...(document.activeElement.labels ?? [])].some((e) => getComputedStyle(e).outlineStyle !== 'none')",
        );
        expect(ring, `${await focused()} shows that it has the focus`).toBe(true);
      }
      expect(await focused()).toBe(id);
    };
    await tabTo("backbone");
    await page.keyboard.type("cifar_resnet20");
    await page.locator("#facts", { hasText: "cifar_resnet20," }).waitFor();
    await tabTo("r");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("4");
    await tabTo("block");
    await tabTo("picture-file");
    await tabTo("device-webgpu");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("device-wasm");
    await tabTo("run");
    await page.keyboard.press("Enter");
    await done(page);
    expect(await focused()).toBe("run"); // it went to the button that cancels, and came back
    expect(await page.locator("#status").textContent()).toMatch(/^Done on wasm: class \d+ comes first\.$/);
    expect(await page.locator("#gates li").count()).toBe(9);
    await tabTo("strength");
    await page.keyboard.press("Home");
    expect(await page.inputValue("#strength")).toBe("0");
    await tabTo("class-0");
    await page.keyboard.press("ArrowDown");
    expect(await page.isChecked("#class-1")).toBe(true);
    expect(way).toEqual(
      expect.arrayContaining(["Skip to the results", "theme", "size", "seed", "se", "camera", "time", "download"]),
    );

    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await violations(page)).toEqual([]);
  });

  test("opens weights and .onnx files, times them, and says in a sentence what it cannot open", async () => {
    const page = await visit();
    await choose(page, "cifar_resnet20");
    await page.click("label[for=device-wasm]");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
    expect(download.suggestedFilename()).toBe("se_cifar_resnet20_r16.onnx");
    const model = await readFile(await download.path());
    await page.setInputFiles("#picture-file", photo("coffee.png"));
    await run(page);
    const own = await page.locator("#classes").innerText();

    const give = async (name: string, buffer: Buffer) => {
      await page.setInputFiles("#model-file", { name, mimeType: "application/octet-stream", buffer });
      await page.waitForSelector("#run:enabled");
    };
    await give("theirs.onnx", model);
    expect(await page.locator("#facts").innerText()).toMatch(/^Network\ncifar_resnet20, 9 SE blocks/);
    await run(page);
    expect(await page.locator("#classes").innerText()).toBe(own);
    await run(page, "#time");
    expect(await page.locator("#times").innerText()).toMatch(
      /With SE it took \d+\.\d\d times as long; the middle halves .*\d+ runs of each in turn/s,
    );

    await give("plain.safetensors", await safetensors(tensorsOf(cifar_resnet20, { se: null })));
    expect(await page.locator("#facts").innerText()).toMatch(
      /cifar_resnet20, 0 SE blocks.*Weights\n+plain\.safetensors/s,
    );
    await run(page);
    expect(await page.locator("#run-note").innerText()).not.toMatch(/random/);
    expect(await page.locator("#gates-note").innerText()).toMatch(/has no block with one gate for each channel/);
    await page.click("#time");
    await page.waitForSelector("#time:enabled");
    expect(await errorOf(page)).toMatch(/^The model has no SE block that could be taken out: build it with SE/);

    for (const [name, bytes, sentence] of [
      ["notes.txt", Buffer.from("these are no weights"), /^notes\.txt cannot be read as weights: /],
      [
        "broken.onnx",
        model.subarray(0, 5000),
        /^'broken\.onnx' cannot be read as an ONNX model: .+\(at byte \d+\)\)\.$/,
      ],
      ["state.safetensors", Buffer.from("cut"), /^state\.safetensors /],
      ["empty.onnx", Buffer.alloc(0), /^'empty\.onnx' is empty: choose another file\.$/],
    ] as const) {
      await give(name, bytes);
      expect(await errorOf(page)).toMatch(sentence);
    }
    await page.evaluate(`
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["nothing"], "dropped.png", { type: "image/png" }));
      document.querySelector("h1").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    `);
    expect(await page.innerText("#picture-name")).toBe("dropped.png");
    expect(await page.isVisible("#old")).toBe(true); // what is shown is of another photograph
    await page.setInputFiles("#picture-file", {
      name: "x.png",
      mimeType: "image/png",
      buffer: Buffer.from("no picture"),
    });
    await page.click("#run");
    await page.waitForSelector("#run:enabled");
    expect(await errorOf(page)).toMatch(/cannot be decoded by this browser: give a JPEG, PNG, WebP or GIF/);
  });

  test("shows a long error whole and in view on a phone, by touch", async () => {
    const page = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    const name = `${"x".repeat(200)}.onnx`;
    await page.setInputFiles("#model-file", { name, mimeType: "application/octet-stream", buffer: Buffer.alloc(0) });
    await expect.poll(() => errorOf(page), SOON).toBe(`'${name}' is empty: choose another file.`);
    const box = () =>
      page.evaluate(`(() => {
        const error = document.querySelector("#error");
        const { left, right, top, bottom } = error.getBoundingClientRect();
        return {
          inside: left >= 0 && right <= 360 && error.scrollWidth <= error.clientWidth,
          inView: top >= 0 && bottom <= innerHeight,
          width: document.documentElement.scrollWidth,
        };
      })()`);
    await expect.poll(box, SOON).toEqual({ inside: true, inView: true, width: 360 });
    await page.locator("#theme").tap();
    expect(await page.getAttribute("html", "data-theme")).toBe("dark");
  });

  test("takes a picture with the camera, or says that it was refused", async () => {
    const page = await visit();
    await page.click("#camera");
    await expect.poll(() => errorOf(page), SOON).toMatch(/^The camera was refused: allow it for this page/);
    await page.context().grantPermissions(["camera"]);
    await page.click("#camera");
    await page.click("#shoot");
    await page.locator("#picture-name", { hasText: "From the camera" }).waitFor();
    expect(await page.isHidden("#viewfinder")).toBe(true);
  });

  test("cancels a run at once, and says what it cannot build", async () => {
    const page = await visit();
    await page.click("#run");
    await page.click("#cancel");
    await page.waitForSelector("#run:enabled");
    expect(await page.locator("#status").textContent()).toBe("Cancelled.");
    await page.fill("#r", "100000");
    await expect.poll(() => errorOf(page), SOON).toMatch(/^R = 100000 leaves 'layer1\.0\.se' no hidden unit/i);
    await page.fill("#r", "");
    await expect.poll(() => errorOf(page), SOON).toMatch(/^Reduction ratio r cannot be used: /);
  });

  test("works from any folder of a static host, on one thread where it is not isolated", async () => {
    const files = new Map<string, Uint8Array>();
    const built = join(root, "dist", "playground");
    for (const name of await readdir(built)) files.set(`/some/where/${name}`, await readFile(join(built, name)));
    const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    for (const name of ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"])
      files.set(`/some/where/ort/${name}`, await readFile(join(runtime, name)));
    const site = await serve(files);
    const page = await visit(
      {},
      { address: `${site.origin}/some/where/index.html`, before: "delete Navigator.prototype.gpu" },
    );
    await choose(page, "cifar_resnet20");
    expect(await page.locator("#device-note").innerText()).toMatch(
      /^This browser has no WebGPU: .*WASM runs on one thread, since the page is not cross-origin isolated: /,
    );
    expect(await page.isDisabled("#device-webgpu")).toBe(true);
    expect(await page.isChecked("#device-wasm")).toBe(true);
    await run(page);
    expect(await page.locator("#run-note").innerText()).toMatch(/Run on WASM \(1 thread\)/);
    await page.close();
    await site.close();
  });

  test("asks no other host for anything, and its policy has nothing to complain of", () => {
    expect(asked.length).toBeGreaterThan(50);
    const hosts = new Set(
      asked.filter((address) => !address.startsWith("blob:")).map((address) => new URL(address).hostname),
    );
    expect([...hosts]).toEqual(["127.0.0.1"]);
    expect(complaints).toEqual([]);
  });
});
