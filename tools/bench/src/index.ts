export { checkBars } from './report/bars.ts';
export { chart } from './report/chart.ts';
export { summarize } from './report/summary.ts';
export { reportText } from './report/text.ts';
