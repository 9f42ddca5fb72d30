import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What becomes of one message of a client on its way to the server. */
export type Fate =
  | 'pass'
  /** It reaches the server, and the connection breaks before the answer is back. */
  | 'answer-lost'
  /** The connection breaks, and the server has seen nothing of it. */
  | 'cut'
  /** Half of it reaches the server, and then the connection breaks. */
  | 'half-cut'
  /** Half of it reaches the server, and the rest never comes, while the connection stays. */
  | 'half-hung'
  /** It reaches the server, and nothing ever comes back, while the connection stays. */
  | 'answer-hung';

/** Decides over what a client has just sent on one of its connections. */
export type Fates = (sent: {
  /** What the connection is for: `durable journal` and others. */
  readonly purpose: string;
  /** How many messages the client has sent on it, this one included. */
  readonly messages: number;
  readonly message: Buffer;
}) => Fate;

/** A bad network between a worker and its database. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** Everything passes, until it is said otherwise. */
  fates: Fates = () => 'pass';
  /** What has happened, by kind. */
  readonly tally = new Map<Fate, number>();

  private constructor(private readonly target: number) {
    this.#server = createServer((client) => this.#join(client));
  }

  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${(this.#server.address() as AddressInfo).port}/postgres`;
  }

  /** Lets nobody in any more, and breaks what there is. */
  async close(): Promise<void> {
    this.breakAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  breakAll(): void {
    for (const pair of this.#pairs) destroy(pair);
  }

  #join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => destroy(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        destroy(pair);
      });
    }
    let purpose: string | undefined;
    let messages = 0;
    let fate: Fate = 'pass';
    client.on('data', (message: Buffer) => {
      // What comes after a half would complete it.
      if (fate !== 'pass') return;
      purpose ??= purposeIn(message);
      messages += 1;
      fate = this.fates({ purpose, messages, message });
      this.tally.set(fate, (this.tally.get(fate) ?? 0) + 1);
      if (fate === 'cut') return destroy(pair);
      const isHalf = fate === 'half-cut' || fate === 'half-hung';
      server.write(isHalf ? message.subarray(0, message.length >> 1) : message, () => {
        if (fate === 'half-cut') destroy(pair);
      });
    });
    server.on('data', (answer) => {
      if (fate === 'answer-lost') destroy(pair);
      else if (fate === 'pass') client.write(answer);
    });
  }
}

/** The engine names its connections: `durable journal` and others. */
function purposeIn(startup: Buffer): string {
  const [, name = ''] = /application_name\0([^\0]*)/.exec(startup.toString('latin1')) ?? [];
  return name;
}

function destroy(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.destroy();
}
