import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-O23TSXSN.js";import"./chunk-EHBAUT6E.js";import"./chunk-CIT55LCJ.js";import"./chunk-5IAVCZZF.js";import"./chunk-XQISWLSQ.js";import"./chunk-V2RSWB3W.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
