import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{d as a,e as b,f as c}from"./chunk-5N6PAZX3.js";import"./chunk-V2RSWB3W.js";import"./chunk-JXQA2DPP.js";export{a as observe,b as observeRemembered,c as rowOf};
