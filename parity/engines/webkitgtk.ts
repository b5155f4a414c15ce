import { Capabilities } from "selenium-webdriver";
import type { Engine } from "./engine.js";

/** WebKit's own small browser, which Debian keeps out of PATH. */
const BROWSERS = ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"].map(
  (name) => `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/${name}/MiniBrowser`,
);

export const webkitgtk: Engine = {
  name: "WebKitGTK",
  family: "WebKit, as Safari",
  programs: [[process.env.MINIBROWSER ?? "MiniBrowser", ...BROWSERS], ["WebKitWebDriver"]],
  install: "apt install webkit2gtk-driver xvfb (MINIBROWSER names another)",
  command: ([, driver = ""], port) => [driver, `--port=${port}`],
  capabilities: ([browser = ""], _, proxy) =>
    new Capabilities({
      browserName: "MiniBrowser",
      proxy: { proxyType: "manual", httpProxy: proxy, sslProxy: proxy, noProxy: ["127.0.0.1"] },
      "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
    }),
};
