import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a,c as b,d as c}from"./chunk-6RJANS2I.js";import"./chunk-EHBAUT6E.js";import"./chunk-CIT55LCJ.js";import"./chunk-5IAVCZZF.js";import"./chunk-XQISWLSQ.js";import"./chunk-V2RSWB3W.js";import"./chunk-JXQA2DPP.js";export{a as SUMMARY_MAX_BYTES,c as footer,b as renderMarkdown};
