/** What the caller gave cannot be used. The message is a sentence that names the thing and says what to do. */
export class UserError extends Error {
  override readonly name: string = "UserError";
}
