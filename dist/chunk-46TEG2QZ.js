import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a,c as b}from"./chunk-AX6RA4NW.js";import"./chunk-GTWFV2BB.js";import"./chunk-XN4AFADC.js";import"./chunk-JXQA2DPP.js";export{a as observe,b as rowOf};
