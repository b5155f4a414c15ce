import { showMap } from "./crop.js";
import { element, make } from "./elements.js";
import { deviceName, duration, percent, sentence } from "./words.js";
import type { Outcome } from "./worker/run.js";

/** The best classes; choosing one shows its activation map. */
export async function showClasses(outcome: Outcome): Promise<void> {
  const { predictions, maps } = outcome;
  const choose = (i: number): Promise<void> => showMap(typeof maps === "string" ? null : (maps[i] ?? null));
  element("map-controls", HTMLDivElement).hidden = typeof maps === "string";
  const rows = predictions.map(({ index, label, score }, i) => {
    const radio = make("input", { type: "radio", name: "class", id: `class-${i}`, checked: i === 0 });
    radio.disabled = typeof maps === "string";
    radio.addEventListener("change", () => choose(i));
    const bar = make("span", { className: "bar" });
    bar.style.setProperty("--share", `${score}`);
    const name = make("span", { className: "name", textContent: label ?? `class ${index}` });
    const value = make("span", { className: "score", textContent: percent(score, 1) });
    return make("li", {}, radio, make("label", { htmlFor: radio.id }, name, value, bar));
  });
  element("classes", HTMLOListElement).replaceChildren(...rows);
  element("run-note", HTMLParagraphElement).textContent = note(outcome);
  await choose(0);
}

function note({ provider, fallback, tried, threads, random, names, maps, ms }: Outcome): string {
  return [
    random ? "The weights are random: these predictions mean nothing." : null,
    names === "ImageNet's" ? "The names are ImageNet's, since the network has its 1,000 classes." : null,
    typeof maps === "string" ? sentence(maps) : "Choose a class to see where its evidence lies.",
    `Run on ${deviceName(provider, threads)} in ${duration(ms)}; the first run on a device takes longer than the rest.`,
    fallback ? "Some nodes have no kernel there, and ran on the processor." : null,
    ...tried.map(({ device, reason }) => sentence(`${device} was not used: ${reason}`)),
  ]
    .filter(Boolean)
    .join(" ");
}
