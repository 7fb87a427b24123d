import { appendStory } from '../store/index.js';
import type { TradingDesk } from './trading-desk.js';

/** One line of a trade's story, in the words of its timeline: read where no worker runs. */
export interface StoryLine {
  readonly workflowId: string;
  readonly event: 'admitted' | 'fired' | 'asked' | 'exit' | 'frozen';
  readonly text: string;
}

/** Told after the thing itself was committed; a line that is lost loses nothing else. */
export async function tell(desk: TradingDesk, line: StoryLine): Promise<void> {
  await appendStory(desk.db, { ...line, detail: {}, atMs: desk.nowMs() });
}
