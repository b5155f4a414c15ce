import { element } from "./elements.js";

/** The button that turns light into dark and back; until it is pressed the page is as the system is. */
export function startTheme(): void {
  const button = element("theme", HTMLButtonElement);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const { dataset } = document.documentElement;
  const isDark = (): boolean => (dataset.theme ? dataset.theme === "dark" : system.matches);
  const show = (): void => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `${isDark() ? "Light" : "Dark"} colours`);
  };
  button.addEventListener("click", () => {
    dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();
}
