/** Three digits that count. */
export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

export const MIB = 1_048_576;
export const KIB = 1_024;

export function mib(bytes: number): string {
  return `${figure(bytes / MIB)} MiB`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
