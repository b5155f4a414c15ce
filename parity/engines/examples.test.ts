import { beforeAll, expect, test } from "vitest";
import { photo, temporaryFolder } from "../../test/cli/se-onnx.js";
import { pack } from "../../test/package/project.js";
import { builtRecipe, expectedClasses, RECIPES } from "../../test/web/recipes.js";
import { serve } from "../../test/web/site.js";
import { pageOf } from "./page.js";
import { inEachEngine } from "./suite.js";

const folder = await temporaryFolder();
let pages: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
let expected: readonly string[];
beforeAll(async () => {
  const tarball = (await pack(folder)).file;
  expected = await expectedClasses();
  const built = new Map<string, ReadonlyMap<string, Uint8Array>>();
  for (const recipe of RECIPES) built.set(recipe.name, await builtRecipe(recipe, tarball, folder));
  pages = built;
}, 400_000);

inEachEngine((tried) => {
  // Neither page is cross-origin isolated, and where there is no WebGPU they fall back.
  for (const { name } of RECIPES)
    test(`examples/${name}: the five classes of a photograph`, async ({ task }) => {
      const site = await serve(pages.get(name) ?? new Map());
      try {
        const { driver } = tried().browser;
        await driver.get(`${site.origin}/index.html`);
        const page = pageOf(driver);
        await page.until("document.querySelector('#status').textContent !== 'loading'");
        expect(await page.text("#status")).toMatch(/^ready on (wasm|webgpu)$/);
        await page.give("input", photo("chelsea.png"));
        await page.until("document.querySelector('li')");
        const classes = await page.evaluate<readonly string[]>(
          "[...document.querySelectorAll('li')].map((li) => li.textContent)",
        );
        expect(classes).toEqual(expected);
        tried().found(task, "those of Node");
      } finally {
        await site.close();
      }
    });
});
