import { startCamera } from "./camera.js";
import { element } from "./elements.js";

/** A photograph, and what the page calls it. */
export interface Picture {
  readonly file: Blob;
  readonly name: string;
}
let picture: Picture | null = null;
let address = "";

export const chosenPicture = (): Picture | null => picture;

/** The buttons that bring a photograph: a file, the camera, or the one that comes with the page, which stands there first. */
export async function startPicture(fail: (e: unknown) => void): Promise<void> {
  const file = element("picture-file", HTMLInputElement);
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) showPicture({ file: chosen, name: chosen.name });
    file.value = ""; // so that the same file can be chosen again
  });
  element("example", HTMLButtonElement).addEventListener("click", () => showExample().catch(fail));
  startCamera((file) => showPicture({ file, name: "From the camera" }), fail);
  await showExample();
}

export function showPicture(chosen: Picture): void {
  picture = chosen;
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(chosen.file);
  const image = element("thumbnail", HTMLImageElement);
  image.src = address;
  image.alt = `The photograph: ${chosen.name}`;
  element("picture-name", HTMLParagraphElement).textContent = chosen.name;
  image.dispatchEvent(new Event("pictured", { bubbles: true }));
}

async function showExample(): Promise<void> {
  const response = await fetch("example.webp");
  if (!response.ok) throw new Error("the example photograph is not beside the page: choose a file of your own");
  showPicture({ file: await response.blob(), name: "Example: a tabby cat" });
}
