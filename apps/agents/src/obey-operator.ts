import { answerLevelAsk, followLevels, LEVEL_ASK, type Logger, type LogLevel } from '@mainstay/observability';
import { answerProfileAsk, PROFILE_ASK, type ProfilePlace } from '@mainstay/profiling';
import { openAskChannel, openLevelChannel, type Transport } from '@mainstay/transport';

export interface ObeyOptions {
  readonly transport: Transport;
  readonly logger: Logger;
  /** That the process was configured with. */
  readonly level: LogLevel;
  /** Where heap snapshots of this process go. */
  readonly profiles: Omit<ProfilePlace, 'name'>;
}

/** Does from now on what operators want of this worker through the orchestrators: another log level, a profile. */
export function obeyOperator({ transport, logger, level, profiles }: ObeyOptions): Disposable {
  const follow = followLevels(logger, level);
  const levels = openLevelChannel(transport, { side: 'worker', heard: (notice) => void follow(notice, notice.by) });
  const asks = openAskChannel(transport, {
    [LEVEL_ASK]: (params) => answerLevelAsk(follow, params),
    [PROFILE_ASK]: (params, { from, signal }) => {
      logger.info({ from, kind: params['kind'] }, 'a profile of this process is being recorded');
      return answerProfileAsk(params, { ...profiles, name: transport.name }, signal);
    },
  });
  return {
    [Symbol.dispose]() {
      levels[Symbol.dispose]();
      asks[Symbol.dispose]();
    },
  };
}
