/** The name of a shot, for ever: no start of any engine repeats an epoch. */
export interface ShotName {
  readonly host: string;
  readonly epoch: number;
  readonly thread: number;
  readonly sequence: number;
}

/** `host/epoch/thread/sequence`, as `order_events` and breaks name it. */
export function shotText({ host, epoch, thread, sequence }: ShotName): string {
  return [host, epoch, thread, sequence].join('/');
}
