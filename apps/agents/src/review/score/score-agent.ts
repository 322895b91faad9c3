import { BaseAgent } from '@mainstay/agent';
import { type Score, type ScoreInput, scoreInput, scoreOutput } from '../model.ts';
import { score } from './score.ts';

/** Marks out of 100, with reasons, from the figures of the analyses. */
export class ScoreAgent extends BaseAgent<ScoreInput, Score> {
  readonly kind = 'review-score';
  override readonly description = 'Marks out of 100, with reasons, from the figures of the other review agents';
  readonly input = scoreInput;
  readonly output = scoreOutput;

  run(input: ScoreInput): Promise<Score> {
    return Promise.resolve(score(input));
  }
}
