import { runPost } from './action/post.js';
import { endProcess } from './core/process-end.js';

endProcess(await runPost());
