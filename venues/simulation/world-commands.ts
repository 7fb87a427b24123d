import type { Outcome, Price, Quantity } from '../../domain/index.js';
import { price } from '../../domain/index.js';
import { closeMarket, decideMarket, redeemShares } from './market-endings.js';
import { yesPaysOf } from './payout.js';
import { changeSets, type SetChangeResult } from './set-changes.js';
import type { SimulatedSettlement } from './trade.js';
import type { TradingFloor } from './trading-floor.js';

/** What happens in the world rather than on the wire; whoever runs a simulator may make it happen. */
export interface WorldCommands {
  /** Trading ends now; working orders are canceled. */
  closeMarket(market: string): void;
  /** The event is decided now; it pays as soon as the market's trades are final. */
  resolveMarket(market: string, winner: Outcome): void;
  /** The event counts for nothing: each YES pays this much, half a dollar unless told. */
  voidMarket(market: string, yesPays?: Price): void;
  /** One account's shares of a resolved market, now. */
  redeem(account: string, market: string): readonly SimulatedSettlement[];
  /** While held back, shares of resolved markets are redeemed by `redeem` only. */
  holdRedemptions(isHeldBack: boolean): void;
  /** YES and NO of a market into a dollar each. */
  merge(account: string, market: string, quantity: Quantity): SetChangeResult;
  split(account: string, market: string, quantity: Quantity): SetChangeResult;
}

/** `operate` brings the exchange up to now, does the work and commits it. */
export function worldCommandsOf(
  floor: TradingFloor,
  operate: <Result>(work: () => Result) => Result,
): WorldCommands {
  const decide = (market: string, yesPays: Price) => {
    operate(() => {
      decideMarket(floor, market, yesPays);
    });
  };
  return {
    closeMarket: (market) => {
      operate(() => {
        closeMarket(floor, market);
      });
    },
    resolveMarket: (market, winner) => {
      decide(market, yesPaysOf(winner));
    },
    voidMarket: (market, yesPays = price('0.5')) => {
      decide(market, yesPays);
    },
    redeem: (account, market) => operate(() => redeemShares(floor, account, market)),
    holdRedemptions: (isHeldBack) => {
      operate(() => {
        floor.write({ kind: 'redemptions', atMs: floor.options.now(), isHeldBack });
      });
    },
    merge: (account, market, quantity) =>
      operate(() => changeSets(floor, { how: 'merge', account, market, quantity })),
    split: (account, market, quantity) =>
      operate(() => changeSets(floor, { how: 'split', account, market, quantity })),
  };
}
