import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-PR6BF4IM.js";import"./chunk-JXQA2DPP.js";export{a as redacted};
