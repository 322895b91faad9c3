import type { Engine } from './engine.ts';

/** The engine with its life: what the process that hosts it needs. */
export interface HostedEngine extends Engine {
  start(): Promise<void>;
  /**
   * Stops intake and gives work away. With other orchestrators it only finishes what it has begun; as the last one it
   * suspends all runs and takes in what workers hand back, until they have nothing more or the signal aborts.
   */
  drain(deadline: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  /** No other orchestrator is known that could take what comes. */
  readonly alone: boolean;
  /** Forgets what can be read again: it costs time later and gives memory back. */
  clearCaches(): void;
  /** To be called by whoever made the transport, when its connection is back. */
  transportUp(): void;
}
