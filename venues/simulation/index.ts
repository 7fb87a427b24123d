// The exchange that the simulators share. A venue's front end imports from here and nowhere deeper.
export type {
  BookChange,
  BookSnapshot,
  ExchangeEvent,
  RowsQuery,
  SimulatedBalance,
  SimulatedExchange,
  SimulatedMarket,
  SimulatedPosition,
} from './exchange.js';
export type {
  CancelResult,
  Delivery,
  OrderState,
  PlaceRequest,
  PlaceResult,
  RefusalCode,
  SimulatedOrder,
} from './order.js';
export type { SimulatedSettlement, SimulatedTrade, TradePart, TradeStatus } from './trade.js';
