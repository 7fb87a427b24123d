import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { StackError } from './stack-error.js';
import { RETENTION_SECONDS, searchAttributes } from './temporal-settings.js';

/** gRPC status NOT_FOUND: this server has no such namespace. */
const NOT_FOUND = 5;
/** temporal.api.enums.v1.IndexedValueType, by the names that the command line uses. */
const indexedValueType = { Keyword: 2, Bool: 5, KeywordList: 7 } as const;
/** A new namespace reaches every service of a cluster within its refresh interval, ten seconds. */
const SPREAD_MS_MAX = 20_000;
const POLL_MS = 100;

type AttributeName = keyof typeof searchAttributes;

/**
 * Makes sure that the namespace is there, keeps histories for a month and knows our search
 * attributes; creates what is missing. Throws `StackError` with the commands for an operator when we
 * may not do so ourselves, as on Temporal Cloud.
 */
export async function prepareNamespace(connection: Connection, namespace: string): Promise<void> {
  try {
    await ensureNamespace(connection, namespace);
    const missing = await missingAttributes(connection, namespace);
    if (missing.length > 0) await addAttributes(connection, namespace, missing);
  } catch (error) {
    throw new StackError(`The namespace ${namespace} cannot be prepared: ${String(error)}`, [
      'Ask whoever runs that Temporal server for:',
      ...commandsFor(namespace),
    ]);
  }
}

async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  const retention = msToTs(RETENTION_SECONDS * 1_000);
  const kept = await retentionSeconds(connection, namespace);
  if (kept === undefined) {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: retention,
    });
  } else if (kept < RETENTION_SECONDS) {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: retention },
    });
  }
}

/** `undefined`: there is no such namespace. */
async function retentionSeconds(
  connection: Connection,
  namespace: string,
): Promise<number | undefined> {
  try {
    const answer = await connection.workflowService.describeNamespace({ namespace });
    return Number(answer.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  } catch (error) {
    const status: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
    if (status === NOT_FOUND) return undefined;
    throw error;
  }
}

async function missingAttributes(
  connection: Connection,
  namespace: string,
): Promise<AttributeName[]> {
  const names = Object.keys(searchAttributes) as AttributeName[]; // the keys of a const object
  const known = await retried(async () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return names.filter((name) => known.customAttributes[name] === undefined);
}

async function addAttributes(
  connection: Connection,
  namespace: string,
  names: readonly AttributeName[],
): Promise<void> {
  const wanted = names.map((name) => [name, indexedValueType[searchAttributes[name]]] as const);
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(wanted),
  });
  await retried(async () => {
    const missing = await missingAttributes(connection, namespace);
    if (missing.length > 0) throw new Error(`not there yet: ${missing.join(', ')}`);
  });
}

/** A namespace that was just registered is unknown to some services for a moment. */
async function retried<T>(ask: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + SPREAD_MS_MAX;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function commandsFor(namespace: string): string[] {
  const attributes = Object.entries(searchAttributes).map(
    ([name, type]) => `--name ${name} --type ${type}`,
  );
  return [
    `temporal operator namespace create --namespace ${namespace} --retention ${RETENTION_SECONDS / 3_600}h`,
    `temporal operator search-attribute create --namespace ${namespace} ${attributes.join(' ')}`,
  ];
}
