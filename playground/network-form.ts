import { call } from "./client.js";
import { element, make, option } from "./elements.js";
import type { NetworkSpec } from "./worker/network.js";
import type { BackboneFacts, Choices } from "./worker/registry.js";

const backbone = element("backbone", HTMLSelectElement);
const size = element("size", HTMLInputElement);
const seed = element("seed", HTMLInputElement);
const se = element("se", HTMLInputElement);
const options = element("se-options", HTMLFieldSetElement);
const r = element("r", HTMLInputElement);
const block = element("block", HTMLSelectElement);
const squeeze = element("squeeze", HTMLSelectElement);
const excitation = element("excitation", HTMLSelectElement);
const place = element("place", HTMLSelectElement);
const stages = element("stages", HTMLDivElement);
const bias = element("bias", HTMLInputElement);

/** The backbone that the form starts with. */
const FIRST = "resnet18";

/** Fills the form from the registries. `onChange` is called after it, and whenever what it says has changed. */
export async function startForm(onChange: () => void): Promise<void> {
  const form = element("network", HTMLFormElement);
  form.addEventListener("submit", (e) => e.preventDefault());
  const { backbones, blocks, squeezes, excitations } = await call("choices", null);
  for (const [family, names] of families(backbones))
    backbone.append(make("optgroup", { label: family }, ...names.map((name) => option(name))));
  block.append(...blocks.map(({ name }) => option(name)));
  squeeze.append(...squeezes.map((name) => option(name)));
  excitation.append(option("", "as published"), ...excitations.map((name) => option(name)));
  backbone.value = FIRST;
  showBackbone(await call("backbone", { name: FIRST }));
  form.addEventListener("input", async (e) => {
    if (e.target === backbone) {
      const name = backbone.value;
      const facts = await call("backbone", { name });
      if (backbone.value !== name) return; // another was chosen meanwhile
      showBackbone(facts);
    }
    options.disabled = !se.checked;
    const takes = blocks.find(({ name }) => name === block.value)?.takes ?? [];
    for (const [field, entry] of Object.entries({ r, squeeze, excitation, bias }))
      entry.disabled = !takes.includes(field);
    onChange();
  });
  onChange();
}

/** The network that the form describes; null where a field of it cannot be used, which the browser says beside it. */
export function networkSpec(): NetworkSpec | null {
  if (!element("network", HTMLFormElement).checkValidity()) return null;
  return {
    backbone: backbone.value,
    inputSize: size.valueAsNumber,
    seed: seed.valueAsNumber,
    se: se.checked
      ? {
          block: block.value,
          r: r.valueAsNumber,
          squeeze: squeeze.value,
          excitation: excitation.value || null,
          bias: bias.checked,
          place: place.value,
          stages: Array.from(stages.querySelectorAll<HTMLInputElement>(":checked"), (box) => Number(box.value)),
        }
      : null,
  };
}

export const chosenBackbone = (): string => backbone.value;

/** Which field cannot be used, and why, in the browser's words. */
export function problem(): string {
  const field = element("network", HTMLFormElement).querySelector<HTMLInputElement>("input:invalid");
  return `${field?.labels?.[0]?.textContent ?? "a field"} cannot be used: ${field?.validationMessage ?? "correct it"}`;
}

/** What the form has for a backbone: choices that others do not have are gone. */
function showBackbone(facts: BackboneFacts): void {
  size.value = `${facts.size}`;
  size.min = `${facts.smallest}`;
  r.value = `${facts.r}`;
  bias.checked = facts.bias;
  place.replaceChildren(...facts.places.map((name) => option(name)));
  place.value = facts.place;
  stages.replaceChildren(
    ...facts.stages.flatMap((stage) => [
      make("input", { type: "checkbox", id: `stage-${stage}`, value: `${stage}`, checked: true }),
      make("label", { htmlFor: `stage-${stage}`, textContent: `${stage}` }),
    ]),
  );
}

function families(backbones: Choices["backbones"]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { name, family } of backbones) names.set(family, [...(names.get(family) ?? []), name]);
  return names;
}
