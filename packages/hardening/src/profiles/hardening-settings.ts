/** Settings of an installation, by meaning. What is absent is unknown and not judged. */
export interface HardeningSettings {
  readonly nodeEnv?: string;
  readonly logLevel?: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** Address that the API listens on. */
  readonly host?: string;
  /** Whether the management port is set: it serves metrics without a key. */
  readonly managementPort?: number;
  readonly signingKeyBytes?: readonly number[];
  readonly bootstrapAdminKeyLength?: number;
  /** The heap limit that Node runs with. */
  readonly heapLimitBytes?: number;
  /** What the control group or the machine gives. */
  readonly availableMemoryBytes?: number;
  readonly maxConcurrent?: number;
  readonly maxBodyBytes?: number;
  readonly shutdownGraceMs?: number;
  readonly operationTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** 0: finished runs are kept for ever. */
  readonly retentionDays?: number;
  /** Node's `--inspect` is on. */
  readonly inspector?: boolean;
  /** Certificates of others are not checked (`NODE_TLS_REJECT_UNAUTHORIZED=0`). */
  readonly tlsUnchecked?: boolean;
  /** Uid 0. */
  readonly runsAsRoot?: boolean;
  readonly auditTrail?: boolean;
  readonly payloadEncryption?: boolean;
}
