import { showClasses } from "./classes.js";
import { Cancelled, call, cancel } from "./client.js";
import { showCrop } from "./crop.js";
import { chosenDevice, startDevices } from "./devices.js";
import { startDrop } from "./drop.js";
import { element } from "./elements.js";
import { showGates } from "./gates.js";
import { countNetwork, modelToRun, openModel, plainNetwork, startModel } from "./model.js";
import { chosenPicture, showPicture, startPicture } from "./picture.js";
import { during, fail, say, step } from "./status.js";
import { startTheme } from "./theme.js";
import { showTimes } from "./times.js";

/** What `run` and `time` need. */
async function asked() {
  const picture = chosenPicture()?.file;
  if (!picture) throw new Error("there is no photograph yet: choose one");
  return { model: await modelToRun(), device: chosenDevice(), picture };
}

async function run(): Promise<void> {
  const ask = await asked();
  const outcome = await call("run", ask, step);
  await showCrop(ask.picture, outcome.preprocessing);
  await showClasses(outcome);
  showGates(outcome.gates);
  element("empty", HTMLParagraphElement).hidden = true;
  element("old", HTMLParagraphElement).hidden = true;
  const seen = element("seen", HTMLDivElement);
  seen.hidden = false;
  seen.scrollIntoView({ block: "nearest" }); // a phone shows the button and the result one after the other
  const [best] = outcome.predictions;
  say(`Done on ${outcome.provider}: ${best?.label ?? `class ${best?.index}`} comes first.`);
}

async function time(): Promise<void> {
  const ask = await asked();
  const times = await call("time", { ...ask, plain: await plainNetwork() }, step);
  showTimes(times);
  say("Timed with SE and without.");
}

async function download(): Promise<void> {
  const { file, fileName } = await modelToRun();
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: fileName });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be asking where to
}

/** Says that what is shown is of another choice than the one that stands there now. */
function outdate(): void {
  element("old", HTMLParagraphElement).hidden = element("seen", HTMLDivElement).hidden;
}

function open(file: File): void {
  outdate();
  if (file.type.startsWith("image/")) showPicture({ file, name: file.name });
  else during(() => openModel(file));
}

const onClick = (id: string, work: () => void): void => element(id, HTMLButtonElement).addEventListener("click", work);

onClick("run", () => during(run));
onClick("time", () => during(time));
onClick("download", () => during(download));
onClick("cancel", () => cancel(new Cancelled()));
onClick("leave-file", () => during(countNetwork));
const modelFile = element("model-file", HTMLInputElement);
modelFile.addEventListener("change", () => {
  const [file] = modelFile.files ?? [];
  if (file) open(file);
  modelFile.value = ""; // so that the same file can be chosen again
});
for (const change of ["input", "change", "pictured"])
  element("controls", HTMLDivElement).addEventListener(change, outdate);
startTheme();
startDrop(open);
startDevices().catch(fail);
startPicture(fail).catch(fail);
startModel().catch(fail);
