import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-LBJ6UM2I.js";import"./chunk-5FZQ2SBE.js";import"./chunk-IE543AN4.js";import"./chunk-G7HRFZ7I.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
