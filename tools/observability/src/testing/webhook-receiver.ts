import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** One alert of a message of Alertmanager. */
export interface ReceivedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** When it came, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/** Takes what Alertmanager sends to a webhook. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: ReceivedAlert[] = [];
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { alerts } = JSON.parse(body) as { alerts: Omit<ReceivedAlert, 'at'>[] };
      this.received.push(...alerts.map((alert) => ({ ...alert, at: performance.now() })));
      response.end();
    });
  });

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The first message about the alert that came after `since`. */
  async next(alertname: string, status: ReceivedAlert['status'], since: number, withinMs: number): Promise<ReceivedAlert> {
    const end = performance.now() + withinMs;
    for (;;) {
      const found = this.received.find(({ labels, status: its, at }) => labels['alertname'] === alertname && its === status && at >= since);
      if (found !== undefined) return found;
      if (performance.now() > end) {
        const came = this.received.map(({ labels, status: its }) => `${labels['alertname'] ?? ''} ${its}`);
        throw new Error(`${alertname} ${status} did not come within ${withinMs} ms; what came: ${came.join(', ')}`);
      }
      await delay(25);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
