export * from './configuration-table.ts';
export * from './markdown.ts';
export * from './repository.ts';
