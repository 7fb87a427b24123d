import { arbitrageWorkflowId, clientOrderIdFor, intentDigest } from '../../domain/index.js';
import {
  askedIntentIdSchema,
  type FireReceipt,
  freezeHereSchema,
  parseFastExecutionRequest,
  problemsOf,
} from '../../schemas/index.js';
import { InvalidIntentError } from '../client.js';
import type { EngineAnswer } from './decode-answer.js';
import { encodeAsk, encodeFire, encodeFreezeHere, encodeStatus } from './encode-request.js';
import type { Settled } from './engine-connection.js';
import { EngineLink } from './engine-link.js';
import type {
  FireAnswer,
  FireFirstClient,
  FireFirstOptions,
  Refusal,
  Told,
} from './fire-first-client.js';

const DEADLINE_MS = 1_000;

/**
 * Connects to the engine of this host and stays connected. Throws `FireFirstError` where nobody greets
 * in time, or an engine of another mode or version does.
 */
export async function connectFireFirst(
  path: string,
  { mode, deadlineMs = DEADLINE_MS }: FireFirstOptions,
): Promise<FireFirstClient> {
  const link = new EngineLink(path, mode);
  if (!(await link.connected(deadlineMs))) {
    const { trouble } = link;
    link.close();
    throw trouble;
  }
  const desk: Desk = { link, mode, deadlineMs, number: 0n };
  return {
    fire: (request) => fire(desk, request),
    ask: async (intentId) => ask(desk, valid(askedIntentIdSchema.safeParse(intentId))),
    freezeHere: async (order) => {
      const parsed = valid(freezeHereSchema.safeParse(order));
      const encode = (number: bigint) => encodeFreezeHere(number, parsed);
      return asked(desk, encode, (answer) =>
        answer.kind === 'frozen' ? answer.frozen : undefined,
      );
    },
    status: () =>
      asked(desk, encodeStatus, (answer) => (answer.kind === 'status' ? answer.status : undefined)),
    engine: () => link.connection?.greeting,
    close: () => link.close(),
  };
}

interface Desk extends Required<FireFirstOptions> {
  readonly link: EngineLink;
  /** The last that was given; over all connections, so that no answer is taken for another's. */
  number: bigint;
}

function nextNumber(desk: Desk): bigint {
  desk.number += 1n;
  return desk.number;
}

type Parsed<Value> =
  | { readonly success: true; readonly data: Value }
  | { readonly success: false; readonly error: Parameters<typeof problemsOf>[0] };

function valid<Value>(parsed: Parsed<Value>): Value {
  if (parsed.success) return parsed.data;
  throw new InvalidIntentError(problemsOf(parsed.error));
}

async function fire(desk: Desk, given: unknown): Promise<FireAnswer> {
  const parsed = parseFastExecutionRequest(given);
  if (!parsed.ok) throw new InvalidIntentError(parsed.problems);
  const { request, digested } = parsed;
  const { intentId, host } = request.intent;

  // A decision is as old as its prices: one that cannot leave now never leaves.
  const { connection, trouble } = desk.link;
  if (!connection) return { kind: 'refused', refusal: trouble.refusal };
  if (host !== connection.greeting.host) return refused('HOST_MISMATCH', 'mend');
  if (!connection.canWrite()) return refused('DOOR_NOT_READING', 'wait');

  const number = nextNumber(desk);
  const fields = { request, digest: intentDigest(digested), mode: desk.mode };
  const frame = encodeFire(number, fields);
  // After this the intent may be fired, whatever becomes of the connection.
  return fireAnswer(intentId, await connection.ask(number, frame, desk.deadlineMs));
}

const refused = (code: string, advice: Refusal['advice']): FireAnswer => ({
  kind: 'refused',
  refusal: { code, detail: '', advice },
});

function fireAnswer(intentId: string, settled: Settled): FireAnswer {
  if (settled.kind === 'silent') return { kind: 'unknown', intentId, why: settled.why };
  const { answer } = settled;
  if (answer.kind === 'refused') return { kind: 'refused', refusal: answer.refusal };
  const isOurs = answer.kind === 'receipt' && isReceiptOf(answer.receipt, intentId);
  if (!isOurs) return { kind: 'unknown', intentId, why: 'answer_unreadable' };
  return { kind: 'receipt', receipt: answer.receipt };
}

/** Order ids follow from the intent: a receipt with others is not this one's. */
function isReceiptOf({ clientOrderIds }: FireReceipt, intentId: string): boolean {
  const workflowId = arbitrageWorkflowId(intentId);
  return (['yes', 'no'] as const).every(
    (leg) => clientOrderIds[leg] === clientOrderIdFor(workflowId, { kind: 'entry', leg }),
  );
}

function ask(desk: Desk, intentId: string) {
  const encode = (number: bigint) => encodeAsk(number, intentId);
  return asked(desk, encode, (answer) =>
    answer.kind === 'standing' ? answer.standing : undefined,
  );
}

/** What may be asked again is: over as many connections as there are until its deadline. */
async function asked<What>(
  desk: Desk,
  encode: (number: bigint) => Buffer,
  read: (answer: EngineAnswer) => What | undefined,
): Promise<Told<What>> {
  const endMs = performance.now() + desk.deadlineMs;
  let lost: Settled | undefined;
  for (;;) {
    const leftMs = Math.max(0, endMs - performance.now());
    const connection = await desk.link.connected(leftMs);
    if (!connection && lost) return toldOf(lost, read); // it may have been heard
    if (!connection) return { kind: 'refused', refusal: desk.link.trouble.refusal };
    const number = nextNumber(desk);
    const settled = await connection.ask(number, encode(number), leftMs);
    const isLost = settled.kind === 'silent' && settled.why === 'connection_lost';
    if (!isLost) return toldOf(settled, read);
    lost = settled;
  }
}

function toldOf<What>(
  settled: Settled,
  read: (answer: EngineAnswer) => What | undefined,
): Told<What> {
  if (settled.kind === 'silent') return settled;
  const { answer } = settled;
  if (answer.kind === 'refused') return { kind: 'refused', refusal: answer.refusal };
  const told = read(answer);
  return told ? { kind: 'told', told } : { kind: 'silent', why: 'answer_unreadable' };
}
