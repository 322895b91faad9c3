import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import * as sql from './sql/cluster.ts';

type ClusterMethods = Pick<Store, 'checkIn' | 'orchestrators' | 'checkOut' | 'epoch' | 'setEpoch' | 'learnKinds' | 'knownKinds'>;

export function clusterMethods(database: Database): ClusterMethods {
  const epoch = async (): Promise<string | undefined> => (await database.query<{ value: string }>(sql.epoch))[0]?.value;
  return {
    checkIn: async ({ orchestrator, published }) => {
      await database.query(sql.checkIn, [orchestrator, published]);
    },
    orchestrators: async () => (await database.query<{ name: string }>(sql.orchestrators)).map(({ name }) => name),
    checkOut: async (name) => {
      await database.query(sql.checkOut, [name]);
    },
    epoch,
    setEpoch: async (expected, next) => {
      if (expected === undefined) await database.query(sql.firstEpoch, [next]);
      else await database.query(sql.nextEpoch, [expected, next]);
      return (await epoch()) ?? next;
    },
    learnKinds: async (kinds) => {
      if (kinds.length > 0) await database.query(sql.learnKinds, [kinds]);
    },
    knownKinds: async () => new Set((await database.query<{ kind: string }>(sql.knownKinds)).map(({ kind }) => kind)),
  };
}
