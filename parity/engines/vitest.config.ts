import { defineConfig } from "vitest/config";

/** npm run parity:engines: one file after another, since each starts browsers. */
export default defineConfig({ test: { include: ["parity/engines/*.test.ts"], maxWorkers: 1, hookTimeout: 240_000 } });
