/** A change that cannot be made, or a file that cannot be written. */
export class UciError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'UciError';
  }
}
