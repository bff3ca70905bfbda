import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a,b}from"./chunk-5QNW7D2W.js";import"./chunk-Y3D7G74J.js";import"./chunk-4X2UXDKQ.js";import"./chunk-HNVSQBOV.js";import"./chunk-AIPM6E3X.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{b as parseReport,a as renderJson};
