import { runPost } from './action/post.js';
import { endProcess } from './process-end.js';

endProcess(await runPost());
