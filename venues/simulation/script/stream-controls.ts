import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** The hand on the streams of one simulator: what breaks connections, not what they tell. */
export class StreamControls {
  readonly #sockets = new Set<WebSocket>();
  readonly #halfOpen = new WeakSet<WebSocket>();
  readonly #unanswered = new Set<Duplex>();
  #lostChanges = 0;

  add(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** Who asked for a stream hears nothing: until they give up, or the simulator closes. */
  leaveUnanswered(upgrade: Duplex): void {
    this.#unanswered.add(upgrade);
    upgrade.on('close', () => this.#unanswered.delete(upgrade));
    // Nobody reads it any more: without this the other side's end would not be noticed either.
    upgrade.on('end', () => upgrade.destroy()).resume();
  }

  /** Everything that is sent goes through here: nothing leaves a half-open connection. */
  send(socket: WebSocket, text: string): void {
    if (socket.readyState === socket.OPEN && !this.#halfOpen.has(socket)) socket.send(text);
  }

  /** How many connections there are that carry anything. */
  wholeCount(): number {
    return [...this.#sockets].filter((socket) => !this.#halfOpen.has(socket)).length;
  }

  /** Breaks every connection, as a maintenance does. Says how many there were. */
  drop(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.terminate();
    return count;
  }

  /** Nothing of them is left: a server is closed only when its last connection is. */
  close(): void {
    this.drop();
    for (const upgrade of this.#unanswered) upgrade.destroy();
  }

  /** Every connection stays open and is dead: no word, no pong, no end. */
  halfOpen(): number {
    for (const socket of this.#sockets) {
      this.#halfOpen.add(socket);
      socket.pause();
    }
    return this.#sockets.size;
  }

  /** The next book changes are lost on the way; their sequence numbers are not. */
  loseChanges(count: number): void {
    this.#lostChanges += count;
  }

  isChangeLost(): boolean {
    if (this.#lostChanges === 0) return false;
    this.#lostChanges -= 1;
    return true;
  }
}
