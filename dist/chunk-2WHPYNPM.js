import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-TM5XRZ5B.js";import"./chunk-WBEOBHWA.js";import"./chunk-JXQA2DPP.js";export{a as redacted};
