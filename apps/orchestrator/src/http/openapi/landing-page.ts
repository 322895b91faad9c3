import { htmlPage } from './page.ts';

/** What a browser shows at `/`. */
export function landingPage(): string {
  return htmlPage(
    'Mainstay',
    `<main><h1>Mainstay</h1><p>Runs pipelines of agents, and loses nothing.</p><ul>` +
      `<li><a href="/docs">Reference of the API</a> (a browser asks for a password: it is your API key; the user name does not matter)</li>` +
      `<li><a href="/openapi.json">The contract</a> (OpenAPI 3.1)</li>` +
      `<li><a href="/health">Alive?</a> <a href="/health/ready">Ready?</a></li></ul></main>`,
  );
}
