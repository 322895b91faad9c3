import { watchChildren } from './watch-children.ts';

// Jest loads this before each test file.
watchChildren();
