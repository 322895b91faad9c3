import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { type Clock, systemClock } from '@mainstay/utils';
import { detectLeak, type HeapPoint, type LeakEvidence, type LeakOptions } from './leak-detector.ts';

export interface HeapWatchOptions extends LeakOptions {
  /** Points kept. When there are more, every second one is dropped, so that the memory is bounded and the time seen doubles. Default 64. */
  readonly maxPoints?: number;
  /** At least so long between two points. Default 5,000. */
  readonly everyMs?: number;
  readonly limitBytes?: number;
  readonly clock?: Clock;
}

/** Follows the live heap after major collections. Disposing it ends its observer. */
export interface HeapWatch extends Disposable {
  /** Evidence of a leak in what was seen, if there is any. */
  leak(): LeakEvidence | undefined;
  readonly points: readonly HeapPoint[];
}

export function watchHeap(options: HeapWatchOptions = {}): HeapWatch {
  const { maxPoints = 64, everyMs = 5_000, limitBytes, clock = systemClock } = options;
  const series = new HeapSeries(maxPoints, everyMs);
  const observer = new PerformanceObserver((list) => {
    const major = list.getEntries().some((entry) => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (major) series.add({ atMs: clock.monotonic(), bytes: getHeapStatistics().used_heap_size });
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    leak: () => detectLeak(series.points, options, limitBytes),
    get points() {
      return series.points;
    },
    [Symbol.dispose]() {
      observer.disconnect();
    },
  };
}

/** A bounded series that thins itself out. */
export class HeapSeries {
  #points: HeapPoint[] = [];
  #everyMs: number;
  readonly #max: number;

  constructor(max: number, everyMs: number) {
    this.#max = max;
    this.#everyMs = everyMs;
  }

  get points(): readonly HeapPoint[] {
    return this.#points;
  }

  add(point: HeapPoint): void {
    const last = this.#points.at(-1);
    if (last !== undefined && point.atMs - last.atMs < this.#everyMs) return;
    this.#points.push(point);
    if (this.#points.length <= this.#max) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#everyMs *= 2;
  }
}

/** Of an entry of the collector; the types do not know of its `detail`. */
function kindOf(entry: object): unknown {
  const detail = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined;
}
