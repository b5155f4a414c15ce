import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Key } from "selenium-webdriver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { MAIN, photo } from "../../test/cli/se-onnx.js";
import { downloadOf, FOCUSED, pageOf } from "./page.js";
import { type Relay, relay } from "./relay.js";
import { inEachEngine } from "./suite.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server: ChildProcess;
let site: Relay;
beforeAll(async () => {
  server = spawn(process.execPath, [MAIN, "playground", "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(server.stdout ?? server, "data");
  site = await relay(JSON.parse(String(line)).url);
});
afterAll(async () => {
  await site?.close();
  server?.kill();
});

inEachEngine((tried) => {
  /** The page with the smallest network, on WASM. */
  async function visit() {
    const { driver } = tried().browser;
    await driver.get(site.url);
    const page = pageOf(driver);
    await page.until("document.querySelector('#facts div')");
    await page.evaluate(
      "Object.assign(document.querySelector('#backbone'), { value: 'cifar_resnet20' }).dispatchEvent(new Event('input', { bubbles: true }))",
    );
    await page.until("document.querySelector('#facts').innerText.includes('cifar_resnet20,')");
    await page.click("label[for=device-wasm]");
    return page;
  }
  const idle = "!document.querySelector('#run').disabled";

  test("builds a network, runs it on a photograph, shows classes, gates and the map", async ({ task }) => {
    const page = await visit();
    await page.give("#picture-file", photo("chelsea.png"));
    await page.until("document.querySelector('#picture-name').innerText === 'chelsea.png'");
    await page.click("#run");
    await page.until(`${idle} && document.querySelector('#classes li')`);
    expect(await page.text("#error")).toBe("");
    expect(await page.text("#run-note")).toMatch(/Run on WASM \(\d+ threads?\) in /);
    expect(await page.evaluate("document.querySelectorAll('#classes li').length")).toBe(5);
    expect(await page.evaluate("document.querySelectorAll('#gates li').length")).toBe(9);
    expect(await page.evaluate("document.querySelector('#map-controls').hidden")).toBe(false);
    const pixels = "document.querySelector('#crop').toDataURL()";
    const first = await page.evaluate(pixels);
    await page.click("label[for=class-1]");
    await page.until(`${pixels} !== ${JSON.stringify(first)}`); // another class, another map
    tried().found(task, (await page.text("#run-note")).replace(/.*Run on (.*?) in .*/s, "$1"));
  });

  test("downloads what Node builds", async ({ task }) => {
    const page = await visit();
    await page.click("#download");
    const file = await downloadOf(tried().downloads, "se_cifar_resnet20_r16.onnx");
    const built = buildModel("cifar_resnet20", cifar_resnet20, { weights: { seed: 0 } });
    expect(file.length).toBe((await encodeToBytes(built.graph)).length);
    expect(await page.text("#error")).toBe("");
    tried().found(task, `${file.length} bytes`);
  });

  test("is used by the keyboard alone", async ({ task }) => {
    const page = await visit();
    const tabTo = async (id: string): Promise<void> => {
      for (let i = 0; i < 40 && (await page.focused()) !== id; i++) {
        const left = await page.focused();
        await page.press(Key.TAB);
        await page.until(`${FOCUSED} !== ${JSON.stringify(left)}`); // a busy browser answers before the page has had the key
        const bare = `[document.activeElement, ...(document.activeElement.labels ?? [])].some((e) => getComputedStyle(e).outlineStyle !== 'none') ? '' : ${FOCUSED}`;
        await expect
          .poll(() => page.evaluate(bare), { timeout: 10_000, message: "has the focus, shows no ring" })
          .toBe("");
      }
      expect(await page.focused()).toBe(id);
    };
    await page.evaluate("document.activeElement.blur()");
    await tabTo("run");
    await page.press(Key.ENTER);
    await page.until(`${idle} && document.querySelector('#classes li')`);
    expect(await page.text("#error")).toBe("");
    expect(await page.focused()).toBe("run"); // it went to the button that cancels, and came back
    await tabTo("class-0");
    await page.press(Key.ARROW_DOWN);
    expect(await page.evaluate("document.querySelector('#class-1').checked")).toBe(true);
    tried().found(task, "works");
  });

  test("says what it cannot open, and goes on", async ({ task }) => {
    const page = await visit();
    const give = async (name: string, bytes: Uint8Array, sentence: RegExp) => {
      const path = join(tried().downloads, name);
      await writeFile(path, bytes);
      await page.give("#model-file", path);
      await page.until("document.querySelector('#error').innerText");
      expect(await page.text("#error")).toMatch(sentence);
    };
    await give("empty.onnx", new Uint8Array(), /^'empty\.onnx' is empty: choose another file\.$/);
    await page.click("#run");
    await page.until(`${idle} && document.querySelector('#classes li')`);
    expect(await page.text("#error")).toBe("");
    tried().found(task, "a sentence");
  });

  test("axe finds nothing, light and dark, and nothing overflows", async ({ task }) => {
    const page = await visit();
    await page.click("#run");
    await page.until(`${idle} && document.querySelector('#classes li')`);
    await tried().browser.driver.executeScript(axe);
    for (const _ of ["light", "dark"]) {
      await page.until("document.getAnimations().length === 0"); // else axe sees a colour on its way to another
      const found = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map((v) => [v.id, ...v.nodes.map((n) => n.html)]))",
      );
      expect(found).toEqual([]);
      await page.click("#theme");
    }
    expect(
      await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
    ).toBeLessThanOrEqual(0);
    tried().found(task, "nothing");
  });

  test("asks no other machine, and its policy has nothing to refuse", async ({ task }) => {
    expect(site.refused).toEqual([]);
    const { hosts } = tried().browser;
    const foreign = [...hosts].filter((host) => !MAKERS.test(host)); // what a browser asks of its own maker is not the page's doing
    expect(foreign).toEqual([]);
    const page = await visit();
    await page.evaluate("fetch('http://elsewhere.example/').catch(() => {})"); // so that the check can fail
    await expect.poll(() => site.refused.length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(site.refused.join()).toMatch(/connect-src.*elsewhere/);
    (site.refused as string[]).length = 0; // for the next engine
    tried().found(task, "none");
  });
});

const MAKERS = /(^|\.)(mozilla|firefox|mozgcp|google|googleapis|gstatic)\.(org|com|net)$/;
