/**
 * Waits for what need not succeed, and gives it up after so long: it goes on by itself, and nobody hears
 * of its end. For goodbyes to a server that may hang.
 */
export async function noLongerThan(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, late]);
  } catch {
    // Whoever says goodbye has no use for its failure.
  } finally {
    clearTimeout(timer);
  }
}
