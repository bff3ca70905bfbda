import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a,c as b}from"./chunk-EUPAI6YF.js";import"./chunk-GTWFV2BB.js";import"./chunk-Q7C7Q3CN.js";import"./chunk-JXQA2DPP.js";export{a as observe,b as rowOf};
