import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as t}from"./chunk-2RU267UL.js";var i=t.version;export{i as a};
