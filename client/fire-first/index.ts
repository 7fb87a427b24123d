/** The socket to a native engine on this host: docs/fire-first.md. Imports domain and schemas. */
export { connectFireFirst } from './connect-fire-first.js';
export {
  type FireAnswer,
  type FireFirstClient,
  FireFirstError,
  type FireFirstOptions,
  isNeverFired,
  type Refusal,
  type Told,
} from './fire-first-client.js';
