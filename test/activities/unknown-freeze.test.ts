import { expect, test } from 'vitest';
import { evidenceOf } from '../../activities/evidence-of.js';
import { freezeForUnknown } from '../../activities/freeze-for-unknown.js';
import { clientOrderIdOf } from '../../domain/index.js';
import { readControl } from '../../store/index.js';
import { enter, openDesk } from '../store/desk.js';
import { quickTerms } from '../support/desk-terms.js';
import { deskOf } from './desk-of.js';

const books = openDesk();
/** No venue is asked about what was never recorded. */
const asked = () => deskOf({ db: books.db });

const frozenFor = async (pairId: string) =>
  (await readControl(books.db)).freezes.filter(
    ({ scope }) => scope.kind === 'pair' && scope.key === pairId,
  );

test('an order that nobody recorded was never sent: the freeze that waited for it is over', async () => {
  const { workflowId, intent } = await enter(books.db, 'never.1');
  const { pairId } = intent;
  const clientOrderId = clientOrderIdOf(workflowId, 'entry/yes', 0);
  const unknown = { workflowId, pairId, clientOrderId, why: 'its shot was lost', story: [] };
  await freezeForUnknown(asked(), unknown);
  expect(await frozenFor(pairId)).toMatchObject([{ cause: 'unknown_order' }]);

  const question = { workflowId, clientOrderIds: [clientOrderId], terms: quickTerms, story: [] };
  expect(await evidenceOf(asked(), question)).toEqual([{ kind: 'neverSent', clientOrderId }]);
  expect(await frozenFor(pairId)).toEqual([]);
});
