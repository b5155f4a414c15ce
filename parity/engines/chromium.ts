import { Options } from "selenium-webdriver/chrome.js";
import type { Engine } from "./engine.js";

/** The engine of npm test, by the same road as the others. */
export const chromium: Engine = {
  name: "Chromium",
  family: "Blink",
  programs: [[process.env.CHROMIUM ?? "chromium", "google-chrome"], ["chromedriver"]],
  install: "apt install chromium chromium-driver (CHROMIUM names another)",
  command: ([, driver = ""], port) => [driver, `--port=${port}`],
  capabilities([browser = ""], downloads, proxy) {
    const options = new Options();
    options.setBinaryPath(browser);
    options.addArguments("--headless", "--no-sandbox", `--proxy-server=${proxy}`);
    options.setUserPreferences({ "download.default_directory": downloads });
    return options;
  },
};
