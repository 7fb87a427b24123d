import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server that can be cut, as by a network. */
export interface CutLine {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Every connection ends, and none is made until it is mended. */
  readonly cut: () => void;
  readonly mend: () => void;
  /** From now on nothing passes, and nobody is told so: as by a server that stands still. Who is held stays so. */
  readonly hold: () => void;
  readonly close: () => Promise<void>;
}

/** To `host:port`. */
export async function openCutLine(to: string): Promise<CutLine> {
  const { hostname, port } = new URL(`tcp://${to}`);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isHeld = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    if (isHeld) {
      keep(near).pause();
      return;
    }
    const far = keep(connect(Number(port), hostname));
    keep(near).pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: ours } = server.address() as AddressInfo; // it listens on TCP
  return {
    address: `127.0.0.1:${ours}`,
    cut: () => {
      isCut = true;
      cutAll();
    },
    mend: () => {
      isCut = false;
      isHeld = false;
    },
    hold: () => {
      isHeld = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: async () => {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
