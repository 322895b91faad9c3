import { kindsText } from './faults/kinds-text.ts';

process.stdout.write(kindsText());
