import type { CancelAnswer, Venue } from '../domain/index.js';
import type { VenueKill, VenueKillRequest } from '../schemas/venue-kill.js';

/**
 * The venues' own switches, thrown by hand: every order of the account is canceled and the order
 * groups are triggered. No worker, no workflow and no rate budget is asked: whoever needs this may
 * have none of them. All venues at once; one that does not answer holds up nobody.
 */
export async function killAtVenues(
  venues: readonly Venue[],
  { venues: names, groupIds }: Pick<VenueKillRequest, 'venues' | 'groupIds'>,
): Promise<readonly VenueKill[]> {
  const named = venues.filter(({ name }) => names.includes(name));
  return Promise.all(named.map((venue) => killAt(venue, venue.orderGroups ? groupIds : [])));
}

/** Groups first: what is canceled before could be placed again. */
async function killAt(venue: Venue, groupIds: readonly string[]): Promise<VenueKill> {
  const triggered: string[] = [];
  for (const groupId of groupIds) {
    const answer = await venue.orderGroups?.trigger(groupId);
    if (answer?.kind === 'done') triggered.push(groupId);
  }
  const answer = await venue.cancelAll();
  const open = await venue.openOrders();
  return {
    ...{ account: venue.account, venue: venue.name, ...canceled(answer) },
    ...(open.kind === 'read' && { openOrders: open.value.length }),
    triggered,
    notTriggered: groupIds.filter((groupId) => !triggered.includes(groupId)),
  };
}

function canceled(answer: CancelAnswer): Pick<VenueKill, 'isCanceled' | 'code'> {
  if (answer.kind === 'canceled') return { isCanceled: true };
  return { isCanceled: false, code: answer.code };
}
