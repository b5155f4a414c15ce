import { Cancelled } from "./client.js";
import { element } from "./elements.js";
import { sentence } from "./words.js";
import type { Step } from "./worker/answer.js";

const panel = element("progress", HTMLDivElement);
const bar = element("share", HTMLProgressElement);
const what = element("what", HTMLParagraphElement);
const error = element("error", HTMLParagraphElement);
const status = element("status", HTMLParagraphElement);
const cancel = element("cancel", HTMLButtonElement);
const actions = ["run", "time"].map((id) => element(id, HTMLButtonElement));

/** Shows how far the work has come. */
export function step({ what: words, share }: Step): void {
  what.textContent = words;
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

/** Says something to those who do not see the page. */
export function say(words: string): void {
  status.textContent = words;
}

/** Says in one sentence what went wrong. */
export function fail(e: unknown): void {
  if (e instanceof Cancelled) say("Cancelled.");
  else error.textContent = sentence(e instanceof Error ? e.message : String(e));
}

export function clearError(): void {
  error.textContent = "";
}

/** Does a piece of work that takes its time: with a bar, and a button that cancels it. */
export async function during(work: () => Promise<void>): Promise<void> {
  clearError();
  setBusy(true);
  try {
    await work();
  } catch (e) {
    fail(e);
    error.scrollIntoView({ block: "nearest" }); // on a phone the button that opens a file is far from it
  } finally {
    setBusy(false);
  }
}

function setBusy(busy: boolean): void {
  const focused = busy
    ? actions.includes(document.activeElement as HTMLButtonElement)
    : document.activeElement === cancel; // any element will do
  panel.hidden = !busy;
  cancel.hidden = !busy;
  for (const button of actions) button.disabled = busy;
  if (busy) {
    step({ what: "Starting", share: null });
    panel.scrollIntoView({ block: "nearest" });
  }
  if (focused) (busy ? cancel : actions[0])?.focus(); // a button that goes would take the keyboard's place with it
}
