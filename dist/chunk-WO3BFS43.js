import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{d as a,e as b,f as c}from"./chunk-2OEMC4Z2.js";import"./chunk-GTWFV2BB.js";import"./chunk-JXQA2DPP.js";export{a as observe,b as observeRemembered,c as rowOf};
