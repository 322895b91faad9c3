export * from './capture-cpu-profile.ts';
export * from './cpu-profile.ts';
export * from './flame-graph.ts';
export * from './hot-functions.ts';
export * from './profile-request.ts';
