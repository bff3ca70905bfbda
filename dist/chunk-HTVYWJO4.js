import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-BSLYY3T3.js";import"./chunk-QKFBKS6H.js";import"./chunk-XSIUBYG7.js";import"./chunk-YK7PTTCJ.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
