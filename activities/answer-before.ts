import type { Kysely } from 'kysely';
import { type Admission, fromWire, type TradeResult } from '../domain/index.js';
import { type Database, findIntent } from '../store/index.js';
import type { AdmitRequest } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** An id is used once, for ever: by the same content for the same trade. */
export async function answerBefore(
  desk: Pick<TradingDesk, 'nowMs'>,
  books: Kysely<Database>,
  { intent, digest }: AdmitRequest,
): Promise<Admission | undefined> {
  const known = await findIntent(books, intent.intentId);
  if (!known) return undefined;
  const atMs = desk.nowMs();
  if (known.digest !== digest) {
    return { kind: 'denied', denial: { code: 'INTENT_EXISTS', intentId: intent.intentId }, atMs };
  }
  const admission = known.admission && fromWire<Admission>(known.admission);
  if (!admission || admission.kind === 'repeated') return undefined;
  if (!known.result) return admission;
  const result = fromWire<TradeResult>(known.result);
  const verdict = admission.kind === 'denied' ? admission : ({ kind: 'approved' } as const);
  return { kind: 'repeated', verdict, result, atMs };
}
