import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-JXQA2DPP.js";function u({least:r,most:o}){let[t,n]=[i(r),i(o)];return t===n?`${t} or more`:`${t} to ${n}`}e(u,"timeLeft");function i(r){return r<60?`${Math.ceil(r)} s`:r<5400?`${Math.ceil(r/60)} min`:`${(r/3600).toFixed(1)} h`}e(i,"spell");export{u as a,i as b};
