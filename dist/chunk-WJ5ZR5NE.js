import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-GQBJXLT3.js";import"./chunk-GTE5GCBN.js";import"./chunk-TQYWZBCR.js";import"./chunk-USYUCDGX.js";import"./chunk-YK7PTTCJ.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
