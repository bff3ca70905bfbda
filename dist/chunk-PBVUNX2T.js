import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as n}from"./chunk-JXQA2DPP.js";function s(t,e){let[r,...o]=e;return t===""?e:r?.role!=="system"?[{role:"system",content:t},...e]:[{role:"system",content:`${t}

${r.content}`},...o]}n(s,"withSystem");export{s as a};
