import { element } from "./elements.js";

/** Takes a picture of what the camera sees. `fail` is told in a sentence why there is none. */
export function startCamera(take: (picture: Blob) => void, fail: (e: Error) => void): void {
  const viewfinder = element("viewfinder", HTMLDivElement);
  const video = element("video", HTMLVideoElement);
  const camera = element("camera", HTMLButtonElement);
  const shoot = element("shoot", HTMLButtonElement);
  let stream: MediaStream | null = null;

  const stop = (): void => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    viewfinder.hidden = true;
    camera.focus();
  };
  camera.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await openCamera();
    } catch (e) {
      return fail(e instanceof Error ? e : new Error(String(e)));
    }
    video.srcObject = stream;
    viewfinder.hidden = false;
    shoot.disabled = true; // until there is a picture to take
    await video.play().catch(() => {}); // stopped before its first picture
    shoot.disabled = false;
    shoot.focus();
  });
  shoot.addEventListener("click", async () => {
    const frame = await pictureOf(video);
    stop();
    if (frame) take(frame);
    else fail(new Error("the camera gave no picture: try again, or choose a file"));
  });
  element("camera-off", HTMLButtonElement).addEventListener("click", stop);
}

/** Why there is no camera, by the name of the browser's error (https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia). */
const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError: "the camera was refused: allow it for this page in the browser's settings, or choose a file",
  NotFoundError: "there is no camera here: choose a file",
  NotReadableError: "the camera is in use by another program: close that one, or choose a file",
};

async function openCamera(): Promise<MediaStream> {
  if (!isSecureContext)
    throw new Error(
      "the camera works on secure pages only: open this one by https or from localhost, or choose a file",
    );
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (e) {
    const { name, message } = e instanceof Error ? e : new Error(String(e));
    throw new Error(REASONS[name] ?? `the camera does not work (${message}): choose a file`);
  }
}

function pictureOf(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve));
}
