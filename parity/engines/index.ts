import { chromium } from "./chromium.js";
import type { Engine } from "./engine.js";
import { firefox } from "./firefox.js";
import { webkitgtk } from "./webkitgtk.js";

export const engines: readonly Engine[] = [firefox, webkitgtk, chromium];
