import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, type TestContext, test } from "vitest";
import { type Browser, missing, start } from "./browser.js";
import { engines } from "./index.js";

/** What the table says of one check in one engine. */
export interface Finding {
  readonly engine: string;
  readonly version: string;
  readonly found: string;
}
declare module "vitest" {
  interface TaskMeta {
    finding?: Finding;
  }
}

/** What a check has of its engine. */
export interface Tried {
  readonly engine: string;
  readonly browser: Browser;
  /** Where the browser's downloads go. */
  readonly downloads: string;
  /** Writes into the table what was found. */
  found(task: TestContext["task"], what: string): void;
}

/** The same checks in every engine that is here; of another, one that is skipped and says how to get it. */
export function inEachEngine(checks: (tried: () => Tried) => void): void {
  for (const engine of engines)
    describe(engine.name, { timeout: 600_000 }, () => {
      const reason = missing(engine);
      if (reason !== null) return test("is here", ({ skip }) => skip(reason));
      let tried: Tried | null = null;
      beforeAll(async () => {
        const downloads = await mkdtemp(join(tmpdir(), "se-onnx-engine-"));
        const browser = await start(engine, downloads);
        tried = {
          ...{ engine: engine.name, browser, downloads },
          found(task, found) {
            task.meta.finding = { engine: engine.name, version: browser.version, found };
          },
        };
      }, 240_000);
      beforeEach(({ task }) => tried?.found(task, "")); // so that a check that fails has the version, too
      afterAll(async () => {
        await tried?.browser.close();
        if (tried) await rm(tried.downloads, { recursive: true, force: true, maxRetries: 5 });
      }, 120_000);
      checks(() => {
        if (!tried) throw new Error("the browser has not been started");
        return tried;
      });
    });
}
