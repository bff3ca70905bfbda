import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-53IICIF4.js";import"./chunk-FPBLMLPT.js";import"./chunk-JXQA2DPP.js";export{a as redacted};
