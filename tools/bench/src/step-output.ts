const WORDS =
  'agent step plan review branch commit module result error warning passed failed queued worker stage output value report'.split(' ');
const pads = new Map<number, string>();

export interface StepOutput {
  readonly step: number;
  readonly ok: boolean;
  readonly text: string;
}

/** What every step of every engine returns: `bytes` of JSON, text of words in no order, the same at every call. */
export function stepOutput(step: number, bytes: number): StepOutput {
  const empty: StepOutput = { step, ok: true, text: '' };
  return { ...empty, text: pad(Math.max(0, bytes - JSON.stringify(empty).length)) };
}

function pad(length: number): string {
  const known = pads.get(length);
  if (known !== undefined) return known;
  let text = '';
  for (let seed = 1; text.length < length; seed = (seed * 48_271) % 2_147_483_647) text += `${WORDS[seed % WORDS.length] ?? ''} `;
  const made = text.slice(0, length);
  pads.set(length, made);
  return made;
}
