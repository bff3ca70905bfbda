import { main } from './cli/main.js';
import { endProcess } from './process-end.js';

endProcess(await main(process.argv.slice(2)));
