import type { Pretrained } from "./pretrained.js";

/** `facts` with the sources of those that are known: a field that is null needs none. */
export function cited(facts: Omit<Pretrained, "sources">, sources: Pretrained["sources"]): Pretrained {
  const known: Record<string, string> = {};
  for (const [field, source] of Object.entries(sources))
    if ((facts as Readonly<Record<string, unknown>>)[field] !== null) known[field] = source;
  return { ...facts, sources: known };
}
