import { fileURLToPath } from 'node:url';

export const ENGINE_NAMES = ['mainstay', 'dbos', 'bullmq-everysec', 'bullmq-always', 'restate'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Folder of the peers' own package; it is not part of the workspace. */
export const PEERS_FOLDER = fileURLToPath(new URL('../peers/', import.meta.url));

export interface Engine {
  readonly name: EngineName;
  readonly label: string;
  /** Program that runs the workloads; see `driver/drive.ts`. */
  readonly driver: string;
  /** How its Redis writes its log. */
  readonly redis: 'everysec' | 'always';
}

const peer = (file: string): string => fileURLToPath(new URL(`../peers/${file}`, import.meta.url));

export const ENGINES: Readonly<Record<EngineName, Engine>> = {
  mainstay: {
    name: 'mainstay',
    label: 'Mainstay',
    driver: fileURLToPath(new URL('mainstay/driver.ts', import.meta.url)),
    redis: 'everysec',
  },
  dbos: { name: 'dbos', label: 'DBOS', driver: peer('dbos.mjs'), redis: 'everysec' },
  'bullmq-everysec': { name: 'bullmq-everysec', label: 'BullMQ, everysec', driver: peer('bullmq.mjs'), redis: 'everysec' },
  'bullmq-always': { name: 'bullmq-always', label: 'BullMQ, always', driver: peer('bullmq.mjs'), redis: 'always' },
  restate: { name: 'restate', label: 'Restate', driver: peer('restate.mjs'), redis: 'everysec' },
};
