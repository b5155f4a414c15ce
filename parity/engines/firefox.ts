import { Browser } from "selenium-webdriver";
import { Options } from "selenium-webdriver/firefox.js";
import type { Engine } from "./engine.js";

export const firefox: Engine = {
  name: "Firefox",
  family: "Gecko",
  programs: [[process.env.FIREFOX ?? "firefox-esr", "firefox"], [process.env.GECKODRIVER ?? "geckodriver"]],
  install:
    "apt install firefox-esr, and geckodriver from Mozilla's releases or by cargo install geckodriver (FIREFOX and GECKODRIVER name others)",
  command: ([, driver = ""], port) => [driver, `--port=${port}`],
  capabilities([browser = ""], downloads, proxy) {
    const [host = "", port = ""] = proxy.split(":");
    const options = new Options();
    options.setBinary(browser);
    options.addArguments("-headless");
    const preferences: Readonly<Record<string, string | number | boolean>> = {
      "browser.download.folderList": 2, // the folder below
      "browser.download.dir": downloads,
      "browser.download.alwaysOpenPanel": false, // it would take the focus from the page, and give it back without its ring
      "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
      "network.proxy.type": 1,
      "network.proxy.http": host,
      "network.proxy.http_port": Number(port),
      "network.proxy.ssl": host,
      "network.proxy.ssl_port": Number(port),
    };
    for (const [name, value] of Object.entries(preferences)) options.setPreference(name, value);
    options.setBrowserName(Browser.FIREFOX);
    return options;
  },
};
