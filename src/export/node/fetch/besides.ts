/** The files that stand beside one that is being fetched. */
export const besides = (target: string) => ({
  /** Its bytes so far. Not huggingface_hub's own, which a lock that Node does not have guards. */
  incomplete: `${target}.se-onnx.incomplete`,
  /** The validator of what those bytes are a part of. */
  validator: `${target}.se-onnx.incomplete.etag`,
  /** Who is fetching it. */
  lock: `${target}.se-onnx.lock`,
});
