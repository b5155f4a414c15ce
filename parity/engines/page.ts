import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { By, type WebDriver } from "selenium-webdriver";

/** The name of what has the focus, as an expression. */
export const FOCUSED = "(document.activeElement.id || document.activeElement.textContent.trim())";

/** What a person, and a look at the page's insides, can do with the page that is open. Patience is for the slowest machine. */
export function pageOf(driver: WebDriver, patience = 180_000) {
  /** The value of an expression, awaited; throws what it throws. */
  const evaluate = async <T>(expression: string): Promise<T> => {
    const answer = await driver.executeAsyncScript<{ readonly value?: T; readonly error?: string }>(`
      const answer = arguments[arguments.length - 1];
      (async () => (${expression}))().then((value) => answer({ value }), (e) => answer({ error: String(e) }));
    `);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value as T; // what the caller says the expression is
  };
  const until = (expression: string): Promise<unknown> =>
    driver.wait(
      () => driver.executeScript<boolean>(`return Boolean(${expression})`),
      patience,
      `the page never came to: ${expression}`,
      100,
    );
  const find = (selector: string) => driver.findElement(By.css(selector));
  return {
    evaluate,
    until,
    text: (selector: string): Promise<string> =>
      evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`),
    click: (selector: string): Promise<void> => find(selector).click(),
    /** Chooses a file, as its dialog would. */
    give: (selector: string, path: string): Promise<void> => find(selector).sendKeys(path),
    press: (...keys: string[]): Promise<void> =>
      driver
        .actions()
        .sendKeys(...keys)
        .perform(),
    focused: (): Promise<string> => evaluate(FOCUSED),
  };
}
export type Page = ReturnType<typeof pageOf>;

/** What has been downloaded under a name, once it is whole. */
export async function downloadOf(folder: string, name: string): Promise<Uint8Array> {
  for (let tries = 0; tries < 300; tries++) {
    const paths = await readdir(folder, { recursive: true });
    const path = paths.find((p) => basename(p) === name);
    const bytes =
      path && !paths.some((p) => p.includes(name) && p !== path) ? await readFile(join(folder, path)) : null;
    if (bytes?.length) return bytes;
    await sleep(200);
  }
  throw new Error(`${name} was not downloaded`);
}
