import { actionsLogger } from './action/logger.js';
import { settleRun } from './action/settle.js';
import { saveToCache } from './action/state-cache.js';

await settleRun();
await saveToCache(actionsLogger());
