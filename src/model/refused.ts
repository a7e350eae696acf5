/** ubus status codes that a refusal can carry (ubusmsg.h). */
export const INVALID_ARGUMENT = 2;
export const NOT_FOUND = 4;
export const NOT_SUPPORTED = 8;

/**
 * What the user asked for cannot be: one sentence that names the object, the property, both values and what to do.
 * Nothing has been changed when this is thrown. `status` is the ubus status that follows the data message.
 */
export class Refused extends Error {
  constructor(
    message: string,
    readonly property?: string,
    readonly status = INVALID_ARGUMENT,
    /** Where in a script; both count from 1. */
    readonly place?: { readonly line: number; readonly column: number },
  ) {
    super(message);
    this.name = 'Refused';
  }
}
