export type { SimulatedKey } from './gate.js';
export type { KalshiSimulator, KalshiSimulatorOptions } from './start-simulator.js';
export { startKalshiSimulator } from './start-simulator.js';
