import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1: the first of `preferred` that is free, else one that the kernel picks. */
export async function freePort(...preferred: readonly number[]): Promise<number> {
  for (const port of preferred) {
    if ((await tryListen(port)) !== undefined) return port;
  }
  const port = await tryListen(0);
  if (port === undefined) throw new Error('the kernel has no free TCP port on 127.0.0.1');
  return port;
}

export const isFree = async (port: number): Promise<boolean> =>
  (await tryListen(port)) !== undefined;

async function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}
