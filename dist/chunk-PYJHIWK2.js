import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-JXQA2DPP.js";var n={now:e(()=>Date.now(),"now")};var o=["inconclusive","fail","never"],i=["always","on-failure","never"],a=["default-branch","base","workspace"],l=["fail","skip"],s=["summary","comment"];export{o as a,i as b,a as c,l as d,s as e,n as f};
