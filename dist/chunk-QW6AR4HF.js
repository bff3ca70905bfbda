import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-I5QZJ4JG.js";import"./chunk-JXQA2DPP.js";export default a();
