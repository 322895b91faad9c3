import {
  answerLevelAsk,
  followLevels,
  LEVEL_ASK,
  type LevelChanged,
  type LevelWish,
  type Logger,
  type LogLevel,
} from '@mainstay/observability';
import {
  answerProfileAsk,
  asTakenProfile,
  PROFILE_ASK,
  type ProfilePlace,
  type ProfileWish,
  type TakenProfile,
  takeProfile,
} from '@mainstay/profiling';
import { openAskChannel, openLevelChannel, type Transport } from '@mainstay/transport';
import { type JsonObject, uuidv7 } from '@mainstay/types';

export interface ProcessControlOptions {
  readonly transport: Transport;
  readonly logger: Logger;
  /** That the process was configured with. */
  readonly level: LogLevel;
  /** Where heap snapshots of this process go. */
  readonly profiles: Omit<ProfilePlace, 'name'>;
}

/** What an operator can have processes do, this one and others, by name. */
export interface ProcessControl extends Disposable {
  /** Name of this process. */
  readonly self: string;
  /** Another log level in all processes, also in those that come while it holds. Resolves with the change of this one. */
  setLevel(wish: LevelWish, by: string): Promise<LevelChanged>;
  /** Another log level in one process. Rejects as {@link AskChannel.ask} does. */
  setLevelOf(process: string, wish: LevelWish, by: string): Promise<LevelChanged>;
  /** A profile of one process. Rejects as {@link AskChannel.ask} and `takeProfile` do. */
  profile(process: string, wish: ProfileWish, signal: AbortSignal): Promise<TakenProfile>;
}

const LEVEL_TIMEOUT_MS = 5_000;
/** Beyond the time of the recording: a heap of gigabytes takes long. */
const PROFILE_TIMEOUT_MS = 60_000;

/** Listens to what others want of this process from now on; the transport must be started before it is used. */
export function controlProcesses({ transport, logger, level, profiles }: ProcessControlOptions): ProcessControl {
  const self = transport.name;
  const place = { ...profiles, name: self };
  const follow = followLevels(logger, level);
  const changes: LevelChanged[] = [];
  const levels = openLevelChannel(transport, {
    side: 'orchestrator',
    heard: (notice) => void (changes[0] = follow(notice, notice.by)),
  });
  const asks = openAskChannel(transport, {
    [LEVEL_ASK]: (params) => answerLevelAsk(follow, params),
    [PROFILE_ASK]: (params, { from, signal }) => {
      logger.info({ from, kind: params['kind'] }, 'a profile of this process is being recorded');
      return answerProfileAsk(params, place, signal);
    },
  });
  return {
    self,
    async setLevel(wish, by) {
      const previous = logger.level;
      await levels.announce({
        id: uuidv7(),
        level: wish.level,
        by: by.slice(0, 200),
        ...(wish.forMs === undefined ? {} : { forMs: wish.forMs }),
      });
      return changes[0] ?? { level: logger.level, previous };
    },
    async setLevelOf(process, wish, by) {
      if (process === self) return follow(wish, by);
      const params: JsonObject = { level: wish.level, by, ...(wish.forMs === undefined ? {} : { forMs: wish.forMs }) };
      return JSON.parse(await asks.ask(process, LEVEL_ASK, params, { timeoutMs: LEVEL_TIMEOUT_MS })) as LevelChanged;
    },
    async profile(process, wish, signal) {
      if (process === self) return await takeProfile(wish, place, signal);
      const timeoutMs = 1_000 * wish.seconds + PROFILE_TIMEOUT_MS;
      return asTakenProfile(JSON.parse(await asks.ask(process, PROFILE_ASK, { ...wish }, { timeoutMs, signal })));
    },
    [Symbol.dispose]() {
      levels[Symbol.dispose]();
      asks[Symbol.dispose]();
    },
  };
}
