import { NotLoaded } from '../model/ondemand.ts';

/**
 * Do it; where it turns out to need what is not in memory, load that and do it again. What has thrown NotLoaded has
 * done nothing. Rejects when it throws anything else, or when there is nothing to be loaded.
 */
export async function loaded<T>(fn: () => T): Promise<T> {
  for (;;) {
    try {
      return fn();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      await load(error);
    }
  }
}

/** Loading it twice at the same time does no harm. */
async function load({ what, load }: NotLoaded): Promise<void> {
  try {
    await load();
  } catch (error) {
    throw new Error(`${what} cannot be loaded: ${(error as Error).message}`);
  }
}
