import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { photo, temporaryFolder } from "../cli/se-onnx.js";
import { root } from "../package/bundle.js";
import { pack } from "../package/project.js";
import { launch, newPage, noBrowser } from "./chromium.js";
import { builtRecipe, expectedClasses, RECIPES } from "./recipes.js";
import { serve } from "./site.js";

if (noBrowser) console.warn(noBrowser);
describe.skipIf(noBrowser)("a page of examples", async () => {
  const folder = await temporaryFolder();
  let tarball: string;
  let expected: readonly string[];
  let browser: Browser;
  beforeAll(async () => {
    tarball = (await pack(folder)).file;
    browser = await launch();
    expected = await expectedClasses();
  });
  afterAll(() => browser?.close());

  test.each(RECIPES)("$name: shows the five classes of a photograph", async (recipe) => {
    const site = await serve(await builtRecipe(recipe, tarball, folder));
    const page = await newPage(browser);
    try {
      const errors: Error[] = [];
      page.on("pageerror", (e) => errors.push(e));
      await page.goto(`${site.origin}/index.html`);
      await page.waitForFunction("document.querySelector('#status').textContent !== 'loading'");
      expect(await page.textContent("#status")).toBe("ready on wasm");
      await page.setInputFiles("input", photo("chelsea.png"));
      await page.waitForSelector("li");
      expect(await page.locator("li").allTextContents()).toEqual(expected);
      expect(errors).toEqual([]);
    } finally {
      await page.close();
      await site.close();
    }
  });

  test("is the same script in each", async () => {
    const scripts = await Promise.all(
      RECIPES.map(({ name }) => readFile(join(root, "examples", name, "main.js"), "utf8")),
    );
    expect(new Set(scripts).size).toBe(1);
  });
});
