const strict = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that `bytes` spell; null where they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}
export const toUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
