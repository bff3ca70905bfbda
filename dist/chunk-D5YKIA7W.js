import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-2H54DEKU.js";import"./chunk-ORMKOLAP.js";import"./chunk-MOYPRLZ7.js";import"./chunk-G7HRFZ7I.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
