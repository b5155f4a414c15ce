import { describe, expect, test } from "vitest";
import { threads } from "../../cli/options.js";

describe("--threads", () => {
  test.each(["1", "256"])("takes %s", (text) => {
    expect(threads(text)).toBe(Number(text));
  });
  test.each(["0", "257", "two"])("refuses %s", (text) => {
    expect(() => threads(text)).toThrow("It must be a whole number from 1 to 256.");
  });
});
