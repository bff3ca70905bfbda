import { settleRun } from './action/settle.js';

await settleRun();
