import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a,b}from"./chunk-GBWXXMF7.js";import"./chunk-LRNK4PHK.js";import"./chunk-JXQA2DPP.js";export{b as diskTrouble,a as isFull};
