/** The process of embedded models; the bundle has it under this name beside the other entries. */
import './models/embedded/worker/main.js';
