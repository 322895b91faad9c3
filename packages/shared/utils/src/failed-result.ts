/** Stands for the error where an attempt gave a result that is a failure (`isFailedResult`); notices carry it. */
export class FailedResult extends Error {
  readonly value: unknown;

  constructor(value: unknown) {
    super('the result is a failure');
    this.name = 'FailedResult';
    this.value = value;
  }
}
