import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-P2MTU67T.js";import"./chunk-B2EEC2NX.js";import"./chunk-XSIUBYG7.js";import"./chunk-USYUCDGX.js";import"./chunk-YK7PTTCJ.js";import"./chunk-4GYSLDVB.js";import"./chunk-JXQA2DPP.js";export{a as renderTerminal};
