import { element, make } from "./elements.js";
import { deviceName, duration } from "./words.js";
import type { Spread, Times } from "./worker/time.js";

/** Both networks' times, and what can be said of them. */
export function showTimes(times: Times): void {
  const { withSe, withoutSe } = times;
  const longest = Math.max(withSe.high, withoutSe.high);
  const row = (name: string, { median, low, high }: Spread): HTMLTableRowElement => {
    const bar = make("span", { className: "bar" });
    bar.style.setProperty("--share", `${median / longest}`);
    return make(
      "tr",
      {},
      make("th", { scope: "row", textContent: name }),
      make("td", { textContent: duration(median) }),
      make("td", { textContent: `${duration(low)} to ${duration(high)}` }),
      make("td", { className: "bar-cell" }, bar),
    );
  };
  const head = make("tr", {}, ...["Network", "Median", "Middle half", ""].map(heading));
  element("times", HTMLDivElement).replaceChildren(
    make("table", {}, make("thead", {}, head), make("tbody", {}, row("with SE", withSe), row("without", withoutSe))),
    make("p", { className: "hint", textContent: words(times) }),
  );
}

const heading = (text: string): HTMLTableCellElement =>
  text ? make("th", { scope: "col", textContent: text }) : make("td");

function words({ provider, threads, runs, withSe, withoutSe }: Times): string {
  const ratio = `With SE it took ${(withSe.median / withoutSe.median).toFixed(2)} times as long`;
  const apart = withSe.low > withoutSe.high || withSe.high < withoutSe.low;
  const certain = apart
    ? "the middle halves lie apart"
    : "the middle halves overlap, so that the difference may be chance";
  return `${ratio}; ${certain}. ${runs} runs of each in turn, one photograph, on ${deviceName(provider, threads)}, in this page on this machine now: other devices, batches and moments differ.`;
}
