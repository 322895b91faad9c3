export { type TransportClock } from './clock.ts';
export { channelName, processChannel, resultLane, sideChannel, taskLane } from './lanes.ts';
export { createMemoryHub, type MemoryConnectOptions, type MemoryHub, type MemoryHubOptions } from './memory/memory-hub.ts';
export { LOW_TURN, NORMAL_TURN, readOrder, type ReadStep } from './read-order.ts';
export * from './transport.ts';
export { type Codec, type CodecOptions, createCodec, type Decoded, DEFAULT_INLINE_BYTES, type Sealed } from './wire/codec.ts';
export type { Payload, Reference } from './wire/reference.ts';
export { DEFAULT_MAX_MESSAGE_BYTES } from './wire/frame.ts';
export { createSigner, MIN_SECRET_BYTES, type Signer, type SigningKey } from './wire/signer.ts';
