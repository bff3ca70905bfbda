import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as n}from"./chunk-JXQA2DPP.js";function e(r){return r.replace(/(?<=^|\d) (?=%)/g,"\xA0")}n(e,"unbroken");export{e as a};
