import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a,c as b,d as c}from"./chunk-7NWUNAGC.js";import"./chunk-5FZQ2SBE.js";import"./chunk-IE543AN4.js";import"./chunk-G7HRFZ7I.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as SUMMARY_MAX_BYTES,c as footer,b as renderMarkdown};
