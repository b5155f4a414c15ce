import { backbones } from "../index.js";

const names: ReadonlySet<string> = /* @__PURE__ */ new Set(/* @__PURE__ */ backbones.map((b) => b.name));

/** `name`, where the registry has it; null where it has not. */
export const backboneNamed = (name: string): string | null => (names.has(name) ? name : null);
