import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-RNU7LXT5.js";import"./chunk-YMQUBSO4.js";import"./chunk-UD25EKPR.js";import"./chunk-5IAVCZZF.js";import"./chunk-XQISWLSQ.js";import"./chunk-V2RSWB3W.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
