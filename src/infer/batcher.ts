import { UserError } from "../graph/error.js";
import { batchOf, type Classification, type ClassifierSetup, type ClassifyOptions, classOutput } from "./classify.js";
import { type ImageArray, imageArray, imageLength, imageTensor } from "./image-input.js";
import { classRows, predictions } from "./predict.js";
import type { Prepared, Preparer } from "./preparer.js";
import type { Session } from "./session.js";

/** One image on its way from a picture to its classes. */
interface Job<Image> {
  readonly image: Image;
  readonly name: string;
  readonly options: ClassifyOptions;
  readonly size: number;
  readonly begun: number;
  resolve(result: Classification): void;
  reject(reason: unknown): void;
}
interface ReadyJob<Image> {
  readonly job: Job<Image>;
  readonly prepared: Prepared;
}

/** While one batch runs, a second full one may wait in the session's own queue, so that it never idles. */
const BATCHES_UNDER_WAY = 2;
/** Batches' worth of images that are being prepared, or are and wait. */
const BATCHES_PREPARED = 2;

/**
 * Prepares images and forms batches of those that are ready, whichever calls they come from: a batch runs when it is full, or when the session is
 * idle and no other image is being prepared. It keeps a bounded number of tensors; images beyond wait as they were given.
 */
export class Batcher<Image> {
  readonly #session: Session;
  readonly #setup: ClassifierSetup;
  readonly #preparer: Preparer<Image>;
  readonly #waiting: Job<Image>[] = [];
  readonly #ready: ReadyJob<Image>[] = [];
  /** Inputs of full batches, for the next ones. */
  readonly #spare: ImageArray[] = [];
  #preparing = 0;
  #running = 0;
  /** When the session was last done with a batch. */
  #idleSince = 0;

  constructor(session: Session, setup: ClassifierSetup, preparer: Preparer<Image>) {
    this.#session = session;
    this.#setup = setup;
    this.#preparer = preparer;
  }

  /** As many images at a time as the model takes and `options` allow. */
  sizeFor({ batch = 8 }: ClassifyOptions): number {
    const own = batchOf(this.#session);
    return own ? Math.min(own, batch) : batch;
  }

  /** Resolves for an image that cannot be read too, with its error; rejects where the model cannot run. */
  classify(image: Image, name: string, options: ClassifyOptions): Promise<Classification> {
    return new Promise((resolve, reject) => {
      const size = this.sizeFor(options);
      this.#waiting.push({ image, name, options, size, begun: performance.now(), resolve, reject });
      this.#admit();
    });
  }

  /** Runs a batch of zeros. */
  async warmup(options: ClassifyOptions): Promise<void> {
    const input = this.#input(this.sizeFor(options));
    await Promise.all([this.#infer(input), this.#preparer.ready()]);
    this.#spare.push(input);
  }

  #admit(): void {
    for (let job = this.#waiting[0]; job; job = this.#waiting[0]) {
      if (this.#preparing + this.#ready.length >= BATCHES_PREPARED * job.size) return;
      this.#waiting.shift();
      if (!dropped(job)) this.#prepare(job);
    }
  }

  async #prepare(job: Job<Image>): Promise<void> {
    this.#preparing++;
    try {
      const prepared = await this.#preparer.prepare(job.image, job.name);
      if (dropped(job)) prepared.release();
      else this.#ready.push({ job, prepared });
    } catch (e) {
      if (e instanceof UserError) job.resolve(unread(job, e));
      else job.reject(e);
    }
    this.#preparing--;
    this.#formBatches();
    this.#admit();
  }

  #formBatches(): void {
    for (let first = this.#ready[0]; first; first = this.#ready[0]) {
      const full = this.#ready.length >= first.job.size;
      const now = full ? this.#running < BATCHES_UNDER_WAY : this.#running === 0 && this.#preparing === 0;
      if (!now) return;
      this.#run(this.#ready.splice(0, first.job.size));
    }
  }

  async #run(taken: readonly ReadyJob<Image>[]): Promise<void> {
    const batch = taken.filter(({ job, prepared }) => {
      if (!dropped(job)) return true;
      prepared.release();
      return false;
    });
    if (!batch.length) return;
    this.#running++;
    try {
      const input = this.#input(batch.length);
      const length = imageLength(this.#setup);
      for (const [i, { prepared }] of batch.entries()) {
        input.set(prepared.data, i * length);
        prepared.release();
      }
      const { rows, ms } = await this.#infer(input);
      this.#spare.push(input);
      for (const [i, { job, prepared }] of batch.entries()) {
        const times = { ...prepared.ms, run: ms / batch.length, latency: performance.now() - job.begun };
        job.resolve({ predictions: this.#predict(rows[i], job.options), error: null, ms: times });
      }
    } catch (e) {
      for (const { job } of batch) job.reject(e);
    }
    this.#running--;
    if (this.#running === 0 && this.#preparing > 0 && !this.#hasFullBatch()) this.#preparer.hurry();
    this.#formBatches();
    this.#admit();
  }

  #hasFullBatch(): boolean {
    const [first] = this.#ready;
    return first !== undefined && this.#ready.length >= first.job.size;
  }

  /** A model of a fixed batch size computes rows of which nobody asks the result. */
  #rowsFor(images: number): number {
    return batchOf(this.#session) ?? images;
  }

  #input(images: number): ImageArray {
    const rows = this.#rowsFor(images);
    while (this.#spare.length) {
      const spare = this.#spare.pop();
      if (spare?.length === rows * imageLength(this.#setup)) return spare;
    }
    return imageArray(this.#setup, rows);
  }

  async #infer(data: ImageArray): Promise<{ readonly rows: readonly Float32Array[]; readonly ms: number }> {
    const [input] = this.#session.inputs;
    const output = classOutput(this.#session.outputs);
    const started = performance.now();
    const results = await this.#session.run({ [input?.name ?? ""]: imageTensor(data, this.#setup) });
    const ended = performance.now();
    const ms = ended - Math.max(started, this.#idleSince); // without its wait for the batch before it
    this.#idleSince = ended;
    const logits = results[output?.name ?? ""];
    if (!logits) throw new UserError(`the model gave no output '${output?.name}'`);
    return { rows: classRows(logits), ms };
  }

  #predict(row: Float32Array | undefined, { topK = 5, labels }: ClassifyOptions): Classification["predictions"] {
    const { origin, labels: own, probabilities } = this.#setup;
    return predictions(row ?? new Float32Array(), {
      topK,
      labels: origin?.source === "random" ? null : (labels ?? own),
      probabilities,
    });
  }
}

/** True where the job's caller has given up; the job then holds nothing more. */
function dropped({ options: { signal }, reject }: Job<unknown>): boolean {
  if (!signal?.aborted) return false;
  reject(signal.reason);
  return true;
}

function unread({ begun }: Job<unknown>, error: UserError): Classification {
  return { predictions: [], error, ms: { decode: 0, preprocess: 0, run: 0, latency: performance.now() - begun } };
}
