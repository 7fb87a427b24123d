import { appendStory } from '../store/index.js';
import type { StoryLine } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/**
 * Keeps the lines of a trade's timeline that no row tells yet, with the workflow's own times: the
 * same story, read where no worker runs. A line that is told again is one row. What happened is
 * committed elsewhere, so a story that cannot be written now holds nothing up: the record tells all
 * of it once more.
 */
export async function tell(
  desk: Pick<TradingDesk, 'db' | 'warn'>,
  workflowId: string,
  lines: readonly StoryLine[],
): Promise<void> {
  try {
    await appendStory(desk.db, ...lines.map((line) => ({ workflowId, detail: {}, ...line })));
  } catch (error) {
    desk.warn({ err: error, workflowId }, 'the story of a trade could not be written');
  }
}
