import { EDGE_MIN_DEFAULT } from '../arbitrage/best-arbitrage.js';
import type { ArmRequest } from '../arming/arm-request.js';
import { collateralFeeUpperBound } from '../fees.js';
import type { Instrument, Market } from '../instrument.js';
import { instrumentKey } from '../instrument.js';
import type { Money, Price, Quantity } from '../money.js';
import {
  add,
  contractsFor,
  divide,
  greatest,
  notional,
  ONE_DOLLAR,
  subtract,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../money.js';
import { legInstrument, legMarket, type Pair } from '../pair.js';
import { lowestPrice } from '../price-grid.js';
import { DEFAULT_LOSS_MAX } from '../trade/terms.js';
import { ORDER_ROUNDING } from './reservation.js';
import type { Reservation, ReservedLeg, RiskPolicy } from './risk-input.js';

/** What is asked for, and of what pair. */
export interface LeaseWish {
  readonly leaseId: string;
  readonly request: ArmRequest;
  readonly pair: Pair;
  readonly policy: Pick<RiskPolicy, 'exit'>;
}

/**
 * What a lease is to the limits: the worst case of everything that may be fired from it, before any of
 * it is. A shot is counted by its own reservation as soon as it is adopted, and no engine fires a pair
 * again before that, so what an order by collateral may buy beyond what was meant is in here once.
 *
 * 1. Exposure: the budget. The engine takes each shot's cost out of it, fees included.
 * 2. Contracts: the budget's, for each instrument; by collateral also what one shot may legally bring
 *    beyond its own.
 * 3. Cash: the budget's exposure at each venue, because either leg may be the dear one.
 * 4. Exit cash: a dollar for each contract that the other leg may leave, and the fee; no contract pays
 *    more. What one shot brings beyond its contracts is completed at the other leg's worst limit.
 */
export function leaseReservation({ leaseId, request, pair, policy }: LeaseWish): Reservation {
  const lossMax = policy.exit.lossMax ?? DEFAULT_LOSS_MAX;
  const legs = request.types.flatMap((type): readonly ReservedLeg[] => {
    const yes = legMarket(pair, type, 'yes');
    const no = legMarket(pair, type, 'no');
    const wish = { request, lossMax };
    return [
      legOf(legInstrument(pair, type, 'yes'), { ...wish, own: yes, other: no }),
      legOf(legInstrument(pair, type, 'no'), { ...wish, own: no, other: yes }),
    ];
  });
  const { account, budget } = request;
  return {
    ...{ workflowId: leaseId, account, pairId: pair.pairId, exposure: budget.exposure },
    legs: legs.filter((leg, index) => legs.findIndex((one) => isSame(one, leg)) === index),
  };
}

/** What a lease lends, without its name. */
export type Lent = Pick<Reservation, 'exposure' | 'legs'>;

/**
 * What is left of a lease once that shot was taken out of it, `moved` of its exposure: never less than
 * the rest of its budget needs.
 */
export function leaseLeft(lent: Lent, taken: Reservation, moved: Money): Lent {
  const exposure = subtract(lent.exposure, moved);
  const meant = meantBy(taken);
  const legs = lent.legs.map((leg) => {
    const cash = subtract(leg.cash, taken.legs.find((one) => isSame(one, leg))?.cash ?? ZERO_MONEY);
    const exitCash = subtract(leg.exitCash, notional(ONE_DOLLAR, meant, 'floor'));
    return {
      instrument: leg.instrument,
      contracts: greatest(subtract(leg.contracts, meant), ZERO_QUANTITY),
      cash: greatest(cash < exposure ? cash : exposure, ZERO_MONEY),
      exitCash: greatest(exitCash, ZERO_MONEY),
    };
  });
  return { exposure, legs };
}

/** How many contracts of the budget a lease still has: those of the leg that has the fewest. */
export function contractsLeft({ legs }: Pick<Lent, 'legs'>): Quantity {
  return fewest(legs.map(({ contracts }) => contracts));
}

interface LegWish {
  readonly request: ArmRequest;
  readonly own: Market;
  readonly other: Market;
  readonly lossMax: Price;
}

function legOf(instrument: Instrument, { request, own, other, lossMax }: LegWish): ReservedLeg {
  const { contracts, exposure } = request.budget;
  const completion = add(
    notional(ONE_DOLLAR, contracts, 'ceil'),
    isByCollateral(other) ? surplusCost(request, other, lossMax) : ZERO_MONEY,
  );
  const fee = collateralFeeUpperBound(own.fees, completion);
  return {
    instrument,
    contracts: add(contracts, isByCollateral(own) ? surplus(request, own) : ZERO_QUANTITY),
    cash: exposure,
    exitCash: add(add(completion, fee), ORDER_ROUNDING),
  };
}

/** As `sizedOrder` has it: Polymarket's immediate buys fix what they spend. */
const isByCollateral = ({ venue }: Market): boolean => venue === 'polymarket';

/** No leg costs more, whatever edge is asked for while the pair is armed. */
const DEAREST: Price = subtract(ONE_DOLLAR, EDGE_MIN_DEFAULT);

/** What the most expensive shot may fill at the lowest price beyond what it was meant to. */
function surplus({ contractsMax }: ArmRequest, market: Market): Quantity {
  const dearest = notional(DEAREST, contractsMax, 'ceil');
  const legalMaximum = contractsFor(dearest, lowestPrice(market), 'ceil');
  return greatest(subtract(legalMaximum, contractsMax), ZERO_QUANTITY);
}

/**
 * A shot at p spends contracts × p, which may legally fill that ÷ the lowest price; each is completed
 * at no more than 1 − edge − p + lossMax. The product is largest where both factors are the same.
 */
function surplusCost({ contractsMax }: ArmRequest, market: Market, lossMax: Price): Money {
  const sum = add(DEAREST, lossMax);
  const perContract = divide(sum * sum, 4n * lowestPrice(market), 'ceil') as Price; // dollars per contract
  return notional(perContract, contractsMax, 'ceil');
}

/** Both legs were meant to buy as many: the one that fixes contracts says how many. */
const meantBy = ({ legs }: Reservation): Quantity => fewest(legs.map(({ contracts }) => contracts));

const fewest = (counts: readonly Quantity[]): Quantity =>
  counts.reduce((least, one) => (one < least ? one : least), counts[0] ?? ZERO_QUANTITY);

const isSame = (one: ReservedLeg, other: ReservedLeg): boolean =>
  instrumentKey(one.instrument) === instrumentKey(other.instrument);
