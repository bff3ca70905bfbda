import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a,b}from"./chunk-ZIKLFDLY.js";import"./chunk-Y3D7G74J.js";import"./chunk-B33YJBDO.js";import"./chunk-HNVSQBOV.js";import"./chunk-V2RSWB3W.js";import"./chunk-32SVCG6S.js";import"./chunk-JXQA2DPP.js";export{b as parseReport,a as renderJson};
