import type { Quantity } from '../../domain/index.js';

/** Orders that an account has put under one limit and one switch. */
export interface SimulatedOrderGroup {
  readonly groupId: string;
  readonly account: string;
  /** Contracts that may be traded within the window: one more triggers the group. */
  readonly limit: Quantity;
  readonly isTriggered: boolean;
}

/** What has become of a group, as its account is told. */
export type OrderGroupChange = 'created' | 'triggered' | 'reset' | 'deleted' | 'limit_updated';

/** What may be done to a group; each answers whether the account has it. */
export interface OrderGroupCommands {
  createOrderGroup(group: Omit<SimulatedOrderGroup, 'isTriggered'>): void;
  /** Cancels what rests in it and takes no more, until the reset. */
  triggerOrderGroup(account: string, groupId: string): boolean;
  /** Active again, and nothing counted. */
  resetOrderGroup(account: string, groupId: string): boolean;
  /** Triggers it where more has been traded already. */
  limitOrderGroup(account: string, groupId: string, limit: Quantity): boolean;
  deleteOrderGroup(account: string, groupId: string): boolean;
  orderGroups(account: string): readonly SimulatedOrderGroup[];
}
