// Finds, builds, starts and re-attaches Temporal and Postgres, builds the engine; says where things
// lie. Nothing here knows a trade. Used by cli, workers and tests.
export { type CargoRun, cargo } from './cargo.js';
export { type EngineProgram, findEngine } from './engine-program.js';
export { tryLock, withLock } from './file-lock.js';
export { type FoundStack, findStack } from './find-stack.js';
export { defaultDataFolder, ensureFolder, newDataFolder } from './folders.js';
export { freePort } from './free-port.js';
export { packageRoot } from './package-root.js';
export { answersPostgres, type PostgresHandle, startPostgres } from './postgres.js';
export { postgresPackage } from './postgres-programs.js';
export { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';
export { type Stack, type StackOptions, startStack, stopStack } from './stack.js';
export { StackError } from './stack-error.js';
export { answersTemporal, startTemporal, type TemporalHandle } from './temporal.js';
export { findTemporal, type OnStep, temporalPlace, versionOf } from './temporal-program.js';
