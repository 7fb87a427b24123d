import type { AddressInfo } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { z } from 'zod';
import type { Commanded } from './commands.js';
import { commandShape, runCommand } from './commands.js';
import { ruleShape, scriptShape } from './rule.js';

/** Where a simulator is told what to do wrong. No venue has one. */
export interface ControlPort {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 only.
 *
 * - `GET /script`: the rules. `PUT /script {rules}`: these instead. `DELETE /script`: none.
 * - `POST /script/rules {name, when, fault}`: one more. `DELETE /script/rules/{name}`: one less.
 *   The rules and the weather of profile `heavy` are no script: they stay, and come after it.
 * - `GET /counts`: how often each rule fitted and was injected, and everything that was, by kind.
 * - `POST /commands {command, …}`: something happens to the venue as a whole or to a market.
 *
 * What is not understood changes nothing and is answered with 400 and the reason.
 */
export async function startControlPort(of: Commanded, port: number): Promise<ControlPort> {
  const app = fastify({ forceCloseConnections: true });
  addScriptRoutes(app, of);
  app.get('/counts', () => of.exchange.faults.script.counts());
  app.post('/commands', ({ body }, reply) => {
    const read = commandShape.safeParse(body);
    if (!read.success) return reply.code(400).send({ error: z.prettifyError(read.error) });
    const result = runCommand(of, read.data);
    if (result.kind === 'done') return result;
    return reply.code(409).send({ error: result.reason });
  });
  await app.listen({ host: '127.0.0.1', port });
  const { port: own } = app.server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${own}`, close: () => app.close() };
}

function addScriptRoutes(app: FastifyInstance, { exchange }: Commanded): void {
  const { script } = exchange.faults;
  app.get('/script', () => ({ rules: script.rules() }));
  app.put('/script', ({ body }, reply) => {
    const read = scriptShape.safeParse(body);
    if (!read.success) return reply.code(400).send({ error: z.prettifyError(read.error) });
    const problems = read.data.rules.flatMap((rule) => script.problem(rule) ?? []);
    if (problems.length > 0) return reply.code(400).send({ error: problems.join('\n') });
    script.replace(read.data.rules);
    return { rules: script.rules() };
  });
  app.delete('/script', () => {
    script.clear();
    return { rules: [] };
  });
  app.post('/script/rules', ({ body }, reply) => {
    const read = ruleShape.safeParse(body);
    const error = read.success ? script.problem(read.data) : z.prettifyError(read.error);
    if (error !== undefined || !read.data) return reply.code(400).send({ error });
    script.add(read.data);
    return { rules: script.rules() };
  });
  app.delete('/script/rules/:name', ({ params }, reply) => {
    const { name } = z.object({ name: z.string() }).parse(params);
    if (!script.remove(name)) return reply.code(404).send({ error: `there is no rule ${name}` });
    return { rules: script.rules() };
  });
}
