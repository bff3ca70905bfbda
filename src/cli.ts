import { main } from './cli/main.js';
import { endProcess } from './core/process-end.js';

endProcess(await main(process.argv.slice(2)));
