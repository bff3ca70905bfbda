import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a,c as b,d as c}from"./chunk-2TPOHG5A.js";import"./chunk-GTE5GCBN.js";import"./chunk-TQYWZBCR.js";import"./chunk-USYUCDGX.js";import"./chunk-YK7PTTCJ.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as SUMMARY_MAX_BYTES,c as footer,b as renderMarkdown};
