import type { Provider } from "../../provider.js";
import { cpu } from "./cpu.js";

/** Every execution provider, by preference. */
export const providers: readonly Provider[] = [cpu];
