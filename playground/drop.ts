/** Takes files that are dropped anywhere on the page. */
export function startDrop(take: (file: File) => void): void {
  const { body } = document;
  const over = (is: boolean) => (e: DragEvent) => {
    if (!e.dataTransfer?.types.includes("Files")) return;
    e.preventDefault();
    body.classList.toggle("dropping", is);
  };
  body.addEventListener("dragover", over(true));
  body.addEventListener("dragleave", over(false));
  body.addEventListener("drop", (e) => {
    over(false)(e);
    for (const file of e.dataTransfer?.files ?? []) take(file);
  });
}
