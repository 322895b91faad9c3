export { type CarrierForTests, type ConnectForTests, eventually, strangeKeys, testKeys } from './carrier.ts';
export { helloMessage, resultMessage, taskMessage } from './messages.ts';
export { transportContract } from './transport-contract.ts';
